package web

import (
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"sync"

	"github.com/utvag/utvag/i18n"
	"github.com/utvag/utvag/web/internal/manifest"
)

// Options makes a site.
type Options struct {
	Page Page
	// Origin is the site's own, as a browser writes it: https://kontakt.example.se. With https, HSTS is sent.
	Origin string
	// Config is called for each load of the page, from many goroutines: claims lapse and numbers run out while the server
	// runs. Origin and Languages are filled in by the site.
	Config func() PageConfig
	// Languages are those offered to visitors, by tag, the default first. The console knows replies in them, and itself
	// speaks Swedish and English.
	Languages []string
	// Routes are served beside the page, by exact path: /relay, /status, /directory. Each answers for its own methods.
	// Their responses carry the site's headers; a WebSocket upgrader, which writes its own response, should be given
	// w.Header() as response header.
	Routes map[string]http.Handler
}

// policies are the Trusted Types policies of each page. «worker» names the one file that a visitor's page runs beside
// itself (web/src/puzzle), and the console's service worker (web/src/console/waking.ts).
var policies = map[Page][]string{Visitor: {"worker"}, Console: {"worker"}}

// NewSite returns the handler of one origin. It reads of a request only method, path and Accept-Encoding; it sets no
// cookie and writes no log. The http.Server should set DisableGeneralOptionsHandler, so that nothing is answered past
// it.
func NewSite(o Options) (http.Handler, error) {
	header, err := Headers(o.Origin, policies[o.Page]...)
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
	if s.languages, err = pageLanguages(o, files); err != nil {
		return nil, err
	}
	if o.Page == Visitor {
		var firsts, rests []string
		for _, catalog := range files.Catalogs {
			firsts, rests = append(firsts, assetPath(catalog.First)), append(rests, assetPath(catalog.Rest))
		}
		alike(assets, firsts)
		alike(assets, rests)
	}
	if o.Page == Console {
		beside, err := installable(files, assets)
		if err != nil {
			return nil, err
		}
		maps.Copy(assets, beside)
		header.Set("Content-Security-Policy", header.Get("Content-Security-Policy")+"; manifest-src 'self'")
	}
	for path := range o.Routes {
		if _, taken := assets[path]; taken || path == "/" || path == leavePath || path == statementPath {
			return nil, fmt.Errorf("route %s is the site's own", path)
		}
	}
	if o.Page == Visitor && o.Config().Leave == "" {
		return nil, fmt.Errorf("the visitor's page needs somewhere to leave for")
	}
	// A configuration that cannot be rendered shows itself when the server starts, not to the first visitor.
	for _, path := range []string{"/", statementPath} {
		if _, err := s.page(path); err != nil {
			return nil, err
		}
	}
	return guarded(header, s), nil
}

// pageLanguages names what is offered with its catalogs. The console has its own two languages as well, whatever is
// offered.
func pageLanguages(o Options, files manifest.Files) ([]PageLanguage, error) {
	tags := o.Languages
	if len(tags) == 0 {
		return nil, fmt.Errorf("a site needs a language")
	}
	if o.Page == Console {
		tags = slices.Concat(consoleLanguages,
			slices.DeleteFunc(slices.Clone(tags), func(tag string) bool { return slices.Contains(consoleLanguages, tag) }))
	}
	var all []PageLanguage
	for _, tag := range tags {
		lang, known := i18n.Find(tag)
		catalog, ok := files.Catalogs[tag]
		if !known || !ok {
			return nil, fmt.Errorf("page %s has no catalog in %q", o.Page, tag)
		}
		page := PageLanguage{Tag: tag, Name: lang.Name, Dir: lang.Dir, Plural: lang.Plural, Draft: lang.Draft(),
			Catalog: assetPath(catalog.First)}
		if catalog.Rest != "" {
			page.Rest = assetPath(catalog.Rest)
		}
		all = append(all, page)
	}
	return all, nil
}

// consoleLanguages are those that the console itself speaks.
var consoleLanguages = []string{"sv", "en"}

func assetPath(name string) string { return "/assets/" + name }

type site struct {
	options   Options
	files     manifest.Files
	assets    map[string]content
	languages []PageLanguage

	mu     sync.Mutex
	config PageConfig
	last   map[string]content // by path
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if route, ok := s.options.Routes[r.URL.Path]; ok {
		route.ServeHTTP(w, r)
		return
	}
	if !readable(w, r) {
		return
	}
	if r.URL.Path == "/" || r.URL.Path == statementPath {
		page, err := s.page(r.URL.Path)
		if err != nil {
			// The text of the error could quote the configuration; nobody outside needs it.
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		page.serve(w, r, http.StatusOK)
		return
	}
	if r.URL.Path == leavePath && s.options.Page == Visitor {
		s.leave(w)
		return
	}
	if asset, ok := s.assets[r.URL.Path]; ok {
		asset.serve(w, r, http.StatusOK)
		return
	}
	notFound.serve(w, r, http.StatusNotFound)
}

// leavePath is where «Leave this page now» goes first, with JavaScript or without. web/src/visitor/exit.ts knows it
// too.
const leavePath = "/lamna"

// leave clears what the browser keeps of this origin, and sends on to the page that tells nothing. Cookies are left
// alone: clearing them reaches every host of the kommun's domain, and whoever is signed out of everything is asked why.
func (s *site) leave(w http.ResponseWriter) {
	header := w.Header()
	header.Set("Clear-Site-Data", `"storage", "cache"`)
	header.Set("Location", s.options.Config().Leave)
	header.Set("Content-Length", "0")
	w.WriteHeader(http.StatusSeeOther)
}

// page renders and compresses the HTML again only when what it says has changed: with every language in it, that is
// work.
func (s *site) page(path string) (content, error) {
	config := s.options.Config().filled()
	config.Origin = s.options.Origin
	config.Languages = s.languages
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last == nil || !reflect.DeepEqual(config, s.config) {
		s.config, s.last = config, make(map[string]content)
	}
	if page, ok := s.last[path]; ok {
		return page, nil
	}
	write := render
	if path == statementPath {
		write = renderStatement
	}
	html, err := write(s.options.Page, s.files, config)
	if err != nil {
		return content{}, err
	}
	page := content{kind: "text/html; charset=utf-8", plain: html, gzip: gzipped(html, nil), br: brotlied(html)}
	s.last[path] = page
	return page, nil
}

// The page that does not exist says no more than the page that does.
var notFound = content{
	kind: "text/html; charset=utf-8",
	plain: []byte(
		"<!doctype html>\n<html lang=\"sv\">\n<meta charset=\"utf-8\">\n<title>Kontakt</title>\n<p><a href=\"/\">Kontakt</a></p>\n</html>\n"),
}
