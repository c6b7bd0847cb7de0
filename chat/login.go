package chat

const loginLabel = "utvag.1 login"

// LoginTBS is what a device signs to log in (spec §4). Kommun and nonce are those of hello; origin is the page's.
func LoginTBS(kommun, origin string, nonce [32]byte, device Device) []byte {
	var w writer
	label := loginLabel
	w.text(&label, noLimit)
	w.text(&kommun, noLimit)
	w.text(&origin, noLimit)
	w.fixed(nonce[:])
	w.fixed(device[:])
	tbs, err := w.end()
	if err != nil {
		// Only a kommun or an origin that is no UTF-8 gets here; both are configuration that was checked. No signature fits
		// nil.
		return nil
	}
	return tbs
}
