package web

import (
	"bytes"
	"fmt"
	"net/http"
	"sync"

	"github.com/utvag/utvag/i18n"
	"github.com/utvag/utvag/web/internal/manifest"
)

// Options makes a site.
type Options struct {
	Page Page
	// Origin is the site's own, as a browser writes it: https://kontakt.example.se. With https, HSTS is sent.
	Origin string
	// Config is called for each load of the page, from many goroutines: claims lapse and numbers run out while the server runs. Origin
	// and Languages are filled in by the site.
	Config func() PageConfig
	// Routes are served beside the page, by exact path: /relay, /status, /directory. Each answers for its own methods. Their responses
	// carry the site's headers; a WebSocket upgrader, which writes its own response, should be given w.Header() as response header.
	Routes map[string]http.Handler
}

// NewSite returns the handler of one origin. It reads of a request only method, path and Accept-Encoding; it sets no cookie and
// writes no log. The http.Server should set DisableGeneralOptionsHandler, so that nothing is answered past it.
func NewSite(o Options) (http.Handler, error) {
	header, err := Headers(o.Origin)
	if err != nil {
		return nil, err
	}
	release, err := LoadManifest()
	if err != nil {
		return nil, err
	}
	files, ok := release.Pages[o.Page]
	if !ok {
		return nil, fmt.Errorf("there is no page %q", o.Page)
	}
	if o.Config == nil {
		return nil, fmt.Errorf("a site needs a configuration")
	}
	assets, err := loadAssets(o.Page, files.Entries)
	if err != nil {
		return nil, err
	}
	s := &site{options: o, files: files, assets: assets}
	for _, lang := range i18n.Languages() {
		catalog, ok := files.Catalogs[lang.Tag]
		if !ok {
			return nil, fmt.Errorf("page %s has no catalog in %s", o.Page, lang.Tag)
		}
		s.languages = append(s.languages, PageLanguage{Tag: lang.Tag, Name: lang.Name, Catalog: "/assets/" + catalog})
	}
	for path := range o.Routes {
		if _, taken := assets[path]; taken || path == "/" {
			return nil, fmt.Errorf("route %s is the site's own", path)
		}
	}
	// A configuration that cannot be rendered shows itself when the server starts, not to the first visitor.
	if _, err := s.page(); err != nil {
		return nil, err
	}
	return guarded(header, s), nil
}

type site struct {
	options   Options
	files     manifest.Files
	assets    map[string]content
	languages []PageLanguage

	mu   sync.Mutex
	last content
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if route, ok := s.options.Routes[r.URL.Path]; ok {
		route.ServeHTTP(w, r)
		return
	}
	if !readable(w, r) {
		return
	}
	if r.URL.Path == "/" {
		page, err := s.page()
		if err != nil {
			// The text of the error could quote the configuration; nobody outside needs it.
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		page.serve(w, r, http.StatusOK)
		return
	}
	if asset, ok := s.assets[r.URL.Path]; ok {
		asset.serve(w, r, http.StatusOK)
		return
	}
	notFound.serve(w, r, http.StatusNotFound)
}

// page renders the HTML, and compresses it again only when it has changed.
func (s *site) page() (content, error) {
	config := s.options.Config().filled()
	config.Origin = s.options.Origin
	config.Languages = s.languages
	html, err := render(s.options.Page, s.files, config)
	if err != nil {
		return content{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !bytes.Equal(html, s.last.plain) {
		s.last = content{kind: "text/html; charset=utf-8", plain: html, gzip: gzipped(html)}
	}
	return s.last, nil
}

// The page that does not exist says no more than the page that does.
var notFound = content{
	kind:  "text/html; charset=utf-8",
	plain: []byte("<!doctype html>\n<html lang=\"sv\">\n<meta charset=\"utf-8\">\n<title>Kontakt</title>\n<p><a href=\"/\">Kontakt</a></p>\n</html>\n"),
}
