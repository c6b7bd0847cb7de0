package main

import (
	"fmt"
	"maps"
	"net/http"
	"strings"

	"github.com/utvag/utvag/intake/claims"
	"github.com/utvag/utvag/intake/number"
	"github.com/utvag/utvag/web"
)

// pageConfig is what a page of the kommun knows now.
func (p *public) pageConfig(demo bool) web.PageConfig {
	t, now := p.tenant, p.now()
	config := web.PageConfig{
		Kommun:    web.Kommun{ID: t.id, Name: t.name},
		Pins:      t.pinKeys(),
		Retention: web.Retention{LiveHours: t.liveHours, MessageDays: t.messageDays},
		Claims:    claims.Holding(t.vouches, now),
		Slots:     t.slots,
		Leave:     t.leave,
		Links:     t.links,
		Demo:      demo,
		Flow:      t.flow,
		Words:     t.words,
	}
	for _, n := range number.Current(t.numbers, now) {
		config.Numbers = append(config.Numbers, web.PhoneNumber{
			ID: n.ID, Label: t.offered(n.Label), Number: n.Number, Hours: t.offered(n.Hours),
			Verified: n.Verified.Format("2006-01-02"),
		})
	}
	for _, partner := range t.partners {
		config.Partners = append(config.Partners,
			web.PartnerKommun{ID: partner.id, Name: partner.name, Pins: partner.pinKeys()})
	}
	return config
}

// sites makes the handlers of a kommun's two origins. relay serves /relay of both; directories answer for each kommun
// of this server, of which the pages get their own and the partners'; enrol is for the demo's console alone.
func (p *public) sites(relay http.Handler, directories map[string]http.Handler, enrol http.Handler) (visitor,
	console http.Handler, err error) {
	routes := map[string]http.Handler{"/relay": relay, "/status": p.status(), "/directory": directories[p.tenant.id]}
	for _, partner := range p.tenant.partners {
		routes["/directory/"+partner.id] = directories[partner.id]
	}
	config := func() web.PageConfig { return p.pageConfig(enrol != nil) }
	visitor, err = web.NewSite(web.Options{Page: web.Visitor, Origin: p.tenant.visitor.origin, Config: config,
		Languages: p.tenant.languages, Routes: routes})
	if err != nil {
		return nil, nil, fmt.Errorf("the visitor's page of %s: %w", p.tenant.id, err)
	}
	if enrol != nil {
		routes = maps.Clone(routes)
		routes["/enrol"] = enrol
	}
	forStaff := func() web.PageConfig {
		c := config()
		c.Probe, c.Duty = p.tenant.probeKey, p.tenant.duty.page()
		return c
	}
	console, err = web.NewSite(web.Options{Page: web.Console, Origin: p.tenant.console.origin, Config: forStaff,
		Languages: p.tenant.languages, Routes: routes})
	if err != nil {
		return nil, nil, fmt.Errorf("the console of %s: %w", p.tenant.id, err)
	}
	return visitor, console, nil
}

// hosts chooses among the origins of one listener by the Host header.
type hosts struct {
	byHost map[string]http.Handler
	// header stands on the answer to a host that is nobody's.
	header http.Header
}

func (h *hosts) add(e endpoint, site http.Handler) error {
	if h.byHost == nil {
		header, err := web.Headers(e.origin)
		if err != nil {
			return err
		}
		h.byHost, h.header = make(map[string]http.Handler), header
	}
	h.byHost[e.host] = site
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
