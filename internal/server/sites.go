package server

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/utvag/utvag/intake/claims"
	"github.com/utvag/utvag/intake/number"
	"github.com/utvag/utvag/internal/config"
	"github.com/utvag/utvag/web"
)

// pageConfig is what a page of the kommun knows now.
func (p *public) pageConfig(demo bool) web.PageConfig {
	k, now := p.kommun.Config, p.now()
	config := web.PageConfig{
		Kommun:    web.Kommun{ID: k.ID, Name: k.Name},
		Pins:      k.PinKeys(),
		Retention: web.Retention{LiveHours: k.LiveHours, MessageDays: k.MessageDays},
		Claims:    claims.Holding(k.Vouches, now),
		Slots:     k.Slots,
		Leave:     k.Leave,
		Links:     k.Links,
		Demo:      demo,
		Flow:      k.Flow,
		Words:     k.Words,
	}
	for _, n := range number.Current(k.Numbers, now) {
		config.Numbers = append(config.Numbers, web.PhoneNumber{
			ID: n.ID, Label: k.Offered(n.Label), Number: n.Number, Hours: k.Offered(n.Hours),
			Verified: n.Verified.Format("2006-01-02"),
		})
	}
	for _, partner := range k.Partners {
		config.Partners = append(config.Partners,
			web.PartnerKommun{ID: partner.ID, Name: partner.Name, Pins: partner.PinKeys()})
	}
	return config
}

// sites makes the handlers of a kommun's two origins. relay serves /relay of both; directories answer for each kommun
// of this server, of which the pages get their own and the partners'; enrol is for the demo's console alone.
func (p *public) sites(relay http.Handler, directories map[string]http.Handler, enrol http.Handler) (visitor,
	console http.Handler, err error) {
	routes := map[string]http.Handler{
		"/relay":     relay,
		"/status":    p.status(),
		"/directory": directories[p.kommun.Config.ID],
	}
	for _, partner := range p.kommun.Config.Partners {
		routes["/directory/"+partner.ID] = directories[partner.ID]
	}
	config := func() web.PageConfig { return p.pageConfig(enrol != nil) }
	visitor, err = web.NewSite(web.Options{Page: web.Visitor, Origin: p.kommun.Config.Visitor.Origin, Config: config,
		Languages: p.kommun.Config.Languages, Routes: routes})
	if err != nil {
		return nil, nil, fmt.Errorf("the visitor's page of %s: %w", p.kommun.Config.ID, err)
	}
	if enrol != nil {
		routes = maps.Clone(routes)
		routes["/enrol"] = enrol
	}
	forStaff := func() web.PageConfig {
		c := config()
		c.Probe, c.Duty = p.kommun.Config.ProbeKey, dutyPage(&p.kommun.Config.Duty)
		return c
	}
	console, err = web.NewSite(web.Options{Page: web.Console, Origin: p.kommun.Config.Console.Origin, Config: forStaff,
		Languages: p.kommun.Config.Languages, Routes: routes})
	if err != nil {
		return nil, nil, fmt.Errorf("the console of %s: %w", p.kommun.Config.ID, err)
	}
	return visitor, console, nil
}

// hosts chooses among the origins of one listener by the Host header.
type hosts struct {
	byHost map[string]http.Handler
	// header stands on the answer to a host that is nobody's.
	header http.Header
}

func (h *hosts) add(e config.Endpoint, site http.Handler) error {
	if h.byHost == nil {
		header, err := web.Headers(e.Origin)
		if err != nil {
			return err
		}
		h.byHost, h.header = make(map[string]http.Handler), header
	}
	h.byHost[e.Host] = site
	return nil
}

func (h *hosts) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host := strings.ToLower(r.Host)
	site, ok := h.byHost[host]
	if !ok {
		// Clients that name the usual port are rare, but right.
		for _, usual := range []string{":443", ":80"} {
			if bare, cut := strings.CutSuffix(host, usual); cut {
				site, ok = h.byHost[bare]
			}
		}
	}
	if !ok {
		maps.Copy(w.Header(), h.header)
		w.WriteHeader(http.StatusMisdirectedRequest)
		return
	}
	site.ServeHTTP(w, r)
}

// dutyPage is what the console has to know of it; what depends on the hour comes from the relay.
func dutyPage(d *config.Duty) *web.DutyRules {
	rules := &web.DutyRules{AtOnce: d.AtOnce}
	for _, length := range d.Breaks {
		rules.Breaks = append(rules.Breaks, int(length/time.Minute))
	}
	return rules
}
