package chat

// Directory is the answer to GET /directory (spec §6): the same for everyone who asks at that moment.
type Directory struct {
	Roster      string // the signed note
	Time        uint64 // the relay's clock, Unix seconds
	Puzzle      Puzzle // the work that an opening needs
	KeyPackages []DirectoryKeyPackage
}

// DirectoryKeyPackage is a device's key package for Day.
type DirectoryKeyPackage struct {
	Device     Device
	Day        uint32
	KeyPackage []byte
}

// EncodeDirectory returns the bytes, or a *FormatError.
func EncodeDirectory(d *Directory) ([]byte, error) {
	var w writer
	d.fields(&w)
	return w.end()
}

// DecodeDirectory reads them. The error is a *FormatError.
func DecodeDirectory(bytes []byte) (*Directory, error) {
	r := reader{rest: bytes}
	d := new(Directory)
	d.fields(&r)
	if err := r.end(); err != nil {
		return nil, err
	}
	return d, nil
}

func (d *Directory) fields(k coder) {
	k.text(&d.Roster, LimitRoster)
	k.uint64(&d.Time)
	k.fixed(d.Puzzle.Salt[:])
	k.uint8(&d.Puzzle.Bits)
	if d.Puzzle.Bits > LimitWorkBits {
		k.fail(OverLimit, LimitWorkBits)
	}
	seen := make(map[Device]bool)
	k.vector(len(d.KeyPackages), LimitRosterDevices, func(k coder, i int) {
		if i == len(d.KeyPackages) {
			d.KeyPackages = append(d.KeyPackages, DirectoryKeyPackage{})
		}
		p := &d.KeyPackages[i]
		k.fixed(p.Device[:])
		k.uint32(&p.Day)
		k.opaque(&p.KeyPackage, LimitKeyPackage)
		if seen[p.Device] {
			k.fail(NoMeaning, 0)
		}
		seen[p.Device] = true
	})
}
