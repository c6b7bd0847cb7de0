package config

import "slices"

// checkPartners joins the kommuner that work with each other. A word of one side alone is not enough: each lets the
// other's staff into its own conversations.
func (s *source) checkPartners(c *Config, checked *Checked) {
	for i, t := range checked.Kommuner {
		for j, id := range c.Kommuner[i].Partners {
			at := index(index("kommuner", i)+".partners", j)
			other := slices.IndexFunc(checked.Kommuner, func(o *Kommun) bool { return o.ID == id })
			switch {
			case id == t.ID:
				s.wrong(at, "this is the kommun itself: name another one")
			case other < 0 || id == "":
				s.wrong(at, "no kommun of this file has the id «%s»: a partner's team keys, roster and console stand here, too", id)
			case slices.Contains(c.Kommuner[i].Partners[:j], id):
				s.wrong(at, "«%s» stands twice: leave one out", id)
			case !slices.Contains(c.Kommuner[other].Partners, t.ID):
				s.wrong(
					at, "«%s» does not name «%s» under its own partners: both must agree, so write it there, or leave it out here", id,
					t.ID)
			default:
				t.Partners = append(t.Partners, checked.Kommuner[other])
			}
		}
	}
}
