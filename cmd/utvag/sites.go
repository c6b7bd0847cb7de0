package main

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
	t, now := p.tenant, p.now()
	config := web.PageConfig{
		Kommun:    web.Kommun{ID: t.ID, Name: t.Name},
		Pins:      t.PinKeys(),
		Retention: web.Retention{LiveHours: t.LiveHours, MessageDays: t.MessageDays},
		Claims:    claims.Holding(t.Vouches, now),
		Slots:     t.Slots,
		Leave:     t.Leave,
		Links:     t.Links,
		Demo:      demo,
		Flow:      t.Flow,
		Words:     t.Words,
	}
	for _, n := range number.Current(t.Numbers, now) {
		config.Numbers = append(config.Numbers, web.PhoneNumber{
			ID: n.ID, Label: t.Offered(n.Label), Number: n.Number, Hours: t.Offered(n.Hours),
			Verified: n.Verified.Format("2006-01-02"),
		})
	}
	for _, partner := range t.Partners {
		config.Partners = append(config.Partners,
			web.PartnerKommun{ID: partner.ID, Name: partner.Name, Pins: partner.PinKeys()})
	}
	return config
}

// sites makes the handlers of a kommun's two origins. relay serves /relay of both; directories answer for each kommun
// of this server, of which the pages get their own and the partners'; enrol is for the demo's console alone.
func (p *public) sites(relay http.Handler, directories map[string]http.Handler, enrol http.Handler) (visitor,
	console http.Handler, err error) {
	routes := map[string]http.Handler{"/relay": relay, "/status": p.status(), "/directory": directories[p.tenant.ID]}
	for _, partner := range p.tenant.Partners {
		routes["/directory/"+partner.ID] = directories[partner.ID]
	}
	config := func() web.PageConfig { return p.pageConfig(enrol != nil) }
	visitor, err = web.NewSite(web.Options{Page: web.Visitor, Origin: p.tenant.Visitor.Origin, Config: config,
		Languages: p.tenant.Languages, Routes: routes})
	if err != nil {
		return nil, nil, fmt.Errorf("the visitor's page of %s: %w", p.tenant.ID, err)
	}
	if enrol != nil {
		routes = maps.Clone(routes)
		routes["/enrol"] = enrol
	}
	forStaff := func() web.PageConfig {
		c := config()
		c.Probe, c.Duty = p.tenant.ProbeKey, dutyPage(&p.tenant.Duty)
		return c
	}
	console, err = web.NewSite(web.Options{Page: web.Console, Origin: p.tenant.Console.Origin, Config: forStaff,
		Languages: p.tenant.Languages, Routes: routes})
	if err != nil {
		return nil, nil, fmt.Errorf("the console of %s: %w", p.tenant.ID, err)
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
