package web

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"

	"github.com/utvag/utvag/i18n"
)

const testOrigin = "https://kontakt.example.se"

var testLanguages = []string{"sv", "en"}

func testConfig() PageConfig {
	return PageConfig{
		Kommun:    Kommun{ID: "exempel", Name: "Exempel & <kommun>"},
		Pins:      []string{"team.exempel+00000000+AAAA", "team.exempel+00000001+AAAA"},
		Retention: Retention{LiveHours: 24, MessageDays: 7},
		Numbers: []PhoneNumber{
			{ID: "police", Label: map[string]string{"sv": "Polisen", "en": "The police"}, Number: "114 14",
				Hours: map[string]string{"sv": "vardagar", "en": "weekdays"}, Verified: "2026-11-01"},
			{ID: "children", Label: map[string]string{"sv": "Bris"}, Number: "116 111", Verified: "2026-11-02"},
		},
		Claims: []string{"no_identity_required"},
		Leave:  "https://www.smhi.se/",
		Links:  map[string]string{"report": "https://example.se/</script><script>alert(1)</script>"},
	}
}

func newTestSite(t *testing.T, page Page, config func() PageConfig) http.Handler {
	t.Helper()
	echo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/octet-stream")
		fmt.Fprint(w, "route")
	})
	site, err := NewSite(Options{Page: page, Origin: testOrigin, Config: config, Languages: testLanguages,
		Routes: map[string]http.Handler{
			"/directory": echo,
			"/status":    echo,
			"/relay": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				http.Error(w, "no upgrade", http.StatusBadRequest)
			}),
		}})
	if err != nil {
		t.Fatal(err)
	}
	return site
}

func ask(site http.Handler, method, path string, header ...string) *http.Response {
	request := httptest.NewRequest(method, testOrigin+path, nil)
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	answer := httptest.NewRecorder()
	site.ServeHTTP(answer, request)
	return answer.Result()
}

func bodyOf(t *testing.T, response *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestEveryRouteCarriesEveryHeader(t *testing.T) {
	const csp = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' wss://kontakt.example.se; " +
		"img-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
		"require-trusted-types-for 'script'; trusted-types "
	want := map[string]string{
		"Referrer-Policy":              "no-referrer",
		"X-Frame-Options":              "DENY",
		"X-Content-Type-Options":       "nosniff",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Embedder-Policy": "require-corp",
		"Cross-Origin-Resource-Policy": "same-origin",
		"X-Robots-Tag":                 "noindex, nofollow",
		"Cache-Control":                "no-store",
		"Strict-Transport-Security":    "max-age=63072000",
	}
	release, err := LoadManifest()
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range []Page{Visitor, Console} {
		site := newTestSite(t, page, testConfig)
		want["Content-Security-Policy"] = csp +
			map[Page]string{Visitor: "worker", Console: "worker; manifest-src 'self'"}[page]
		paths := []string{"/", "/directory", "/status", "/relay", "/nothing", "/assets/", "/assets/none.js", "//",
			"/../etc/passwd",
			"/favicon.ico", "/robots.txt", "/index.html", "/?q=1", "/tillganglighet"}
		for name := range release.Pages[page].Entries {
			paths = append(paths, "/assets/"+name)
		}
		if len(paths) < 17 {
			t.Fatalf("only %d paths", len(paths))
		}
		for _, path := range paths {
			for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "BREW"} {
				response := ask(site, method, path)
				for name, value := range want {
					if got := response.Header.Values(name); len(got) != 1 || got[0] != value {
						t.Errorf("%s %s %s: %s is %q", page, method, path, name, got)
					}
				}
				if policy := response.Header.Get("Permissions-Policy"); !strings.Contains(policy, "camera=()") ||
					regexp.MustCompile(`=\([^)]`).MatchString(policy) {
					t.Errorf("%s %s: Permissions-Policy is %q", method, path, policy)
				}
				for _, name := range []string{"Set-Cookie", "Server", "X-Powered-By", "Etag", "Last-Modified", "Location"} {
					if got := response.Header.Values(name); got != nil {
						t.Errorf("%s %s: %s is %q", method, path, name, got)
					}
				}
			}
		}
	}
}

func TestHeadersOfAPlainOrigin(t *testing.T) {
	header, err := Headers("http://127.0.0.1:8080")
	if err != nil {
		t.Fatal(err)
	}
	if header.Get("Strict-Transport-Security") != "" {
		t.Error("HSTS without TLS")
	}
	if !strings.Contains(header.Get("Content-Security-Policy"), "connect-src 'self' ws://127.0.0.1:8080;") {
		t.Error("the socket of the origin is not allowed")
	}
	for _, origin := range []string{"", "kontakt.example.se", "https://", "https://a.se/", "ftp://a.se",
		"https://a.se; script-src *", "https://u:p@a.se", "https://a.se?x", "HTTPS://a.se"} {
		if _, err := Headers(origin); err == nil {
			t.Errorf("%q passes for an origin", origin)
		}
	}
}

func TestStatusAndMethods(t *testing.T) {
	site := newTestSite(t, Visitor, testConfig)
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{"GET", "/", 200}, {"HEAD", "/", 200}, {"POST", "/", 405}, {"OPTIONS", "/", 405},
		{"GET", "/nothing", 404}, {"HEAD", "/nothing", 404}, {"PUT", "/nothing", 405}, {"GET", "/assets/../", 404}, {"GET",
			"//", 404},
		{"GET", "/directory", 200}, {"GET", "/directory/", 404}, {"GET", "/relay", 400},
	} {
		response := ask(site, c.method, c.path)
		if response.StatusCode != c.status {
			t.Errorf("%s %s: %d, want %d", c.method, c.path, response.StatusCode, c.status)
		}
		if c.status == 405 && response.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s %s: Allow is %q", c.method, c.path, response.Header.Get("Allow"))
		}
		if body := bodyOf(t, response); c.method == "HEAD" && body != "" {
			t.Errorf("HEAD %s has a body", c.path)
		}
	}
	head, get := ask(site, "HEAD", "/"), ask(site, "GET", "/")
	if head.Header.Get("Content-Length") != get.Header.Get("Content-Length") || head.Header.Get("Content-Length") == "" {
		t.Error("HEAD and GET announce different lengths")
	}
	// The page that does not exist has the neutral title, and does not name what was asked for.
	missing := bodyOf(t, ask(site, "GET", "/avhopp-hemlig"))
	if !strings.Contains(missing, "<title>Kontakt</title>") || strings.Contains(missing, "hemlig") {
		t.Errorf("404: %s", missing)
	}
}

func TestAssetsAreServedAsTheyWereBuilt(t *testing.T) {
	release, err := LoadManifest()
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range []Page{Visitor, Console} {
		site := newTestSite(t, page, testConfig)
		for name, entry := range release.Pages[page].Entries {
			plain := bodyOf(t, ask(site, "GET", "/assets/"+name))
			if len(plain) != entry.Size {
				t.Errorf("%s: %d bytes, the manifest says %d", name, len(plain), entry.Size)
			}
			for _, coding := range []string{"br", "gzip"} {
				response := ask(site, "GET", "/assets/"+name, "Accept-Encoding", "deflate, "+coding+";q=0.5")
				var unpacked io.Reader
				switch response.Header.Get("Content-Encoding") {
				case "br":
					unpacked = brotli.NewReader(response.Body)
				case "gzip":
					if unpacked, err = gzip.NewReader(response.Body); err != nil {
						t.Fatal(err)
					}
				default:
					if entry.Brotli != entry.Size {
						t.Errorf("%s was not sent as %s", name, coding)
					}
					continue
				}
				body, err := io.ReadAll(unpacked)
				if err != nil || string(body) != plain || response.Header.Get("Vary") != "Accept-Encoding" {
					t.Errorf("%s as %s is not the same file: %v", name, coding, err)
				}
			}
		}
		other := map[Page]Page{Visitor: Console, Console: Visitor}[page]
		own := release.Pages[page].Entries
		for name := range release.Pages[other].Entries {
			if _, shared := own[name]; !shared && ask(site, "GET", "/assets/"+name).StatusCode != 404 {
				t.Errorf("the %s's origin serves %s of the %s", page, name, other)
			}
		}
	}
}

// web/internal/bundle holds the same of the plain files and of Brotli.
func TestNoCatalogTellsItsLanguageByItsLength(t *testing.T) {
	release, err := LoadManifest()
	if err != nil {
		t.Fatal(err)
	}
	site := newTestSite(t, Visitor, testConfig)
	for _, coding := range []string{"", "gzip", "br"} {
		firsts, rests := map[string]bool{}, map[string]bool{}
		for _, catalog := range release.Pages[Visitor].Catalogs {
			for name, lengths := range map[string]map[string]bool{catalog.First: firsts, catalog.Rest: rests} {
				response := ask(site, "GET", "/assets/"+name, "Accept-Encoding", coding)
				if response.StatusCode != 200 || response.Header.Get("Content-Encoding") != coding {
					t.Errorf("%s was not sent as %q", name, coding)
				}
				lengths[response.Header.Get("Content-Length")+fmt.Sprint(len(bodyOf(t, response)))] = true
			}
		}
		if len(firsts) != 1 || len(rests) != 1 {
			t.Errorf("%q: catalogs of these lengths: %v, %v", coding, firsts, rests)
		}
	}
}

func TestAcceptEncoding(t *testing.T) {
	for header, want := range map[string]bool{
		"": false, "br": true, "gzip, deflate, br": true, "gzip, br;q=1.0": true, "BR": true, "br;q=0": false,
		"br;q=0.000": false,
		"br;q=x":     false, "brotli": false, "*": false, "gzip;q=1.0, br ; q=0.2": true, ",,;": false, "br;q=-1": false,
	} {
		if got := accepts(header, "br"); got != want {
			t.Errorf("%q: %v", header, got)
		}
	}
}

func TestThePageIsTheSameForEveryone(t *testing.T) {
	site := newTestSite(t, Visitor, testConfig)
	plain := ask(site, "GET", "/")
	noisy := ask(site, "GET", "/?utm=1", "Accept-Language", "en", "User-Agent", "x", "Cookie", "a=b", "Referer",
		"https://example.se/",
		"X-Forwarded-For", "192.0.2.1", "DNT", "1", "If-None-Match", "*", "Range", "bytes=0-1", "Origin",
		"https://evil.example")
	if !reflect.DeepEqual(plain.Header, noisy.Header) || noisy.StatusCode != 200 {
		t.Errorf("headers differ:\n%v\n%v", plain.Header, noisy.Header)
	}
	if bodyOf(t, plain) != bodyOf(t, noisy) {
		t.Error("pages differ")
	}
}

func TestStartPageWorksWithoutJavaScript(t *testing.T) {
	html := bodyOf(t, ask(newTestSite(t, Visitor, testConfig), "GET", "/"))
	swedish, english, found := strings.Cut(html, `<details lang="en" dir="ltr">`)
	if !found {
		t.Fatal("there is no English part")
	}
	for part, wanted := range map[string][]string{
		swedish: {`<html lang="sv" dir="ltr">`, "<title>Kontakt</title>", `href="tel:112"`, "Fara nu? Ring 112",
			"Här kan du skriva till Exempel &amp; &lt;kommun&gt; utan",
			`href="tel:11414"`, "114 14", "Polisen", "vardagar", "Kontrollerat 2026-11-01.", `href="tel:116111"`,
			"Kontrollerat 2026-11-02.",
			"<noscript><p>Chatten fungerar inte i din webbläsare.", `href="/lamna" rel="nofollow noreferrer"`},
		english: {"<summary>English</summary>", "In danger now? Call 112", "The police", "weekdays", "Verified 2026-11-01.",
			"The chat does not work in your browser."},
	} {
		for _, text := range wanted {
			if !strings.Contains(part, text) {
				t.Errorf("the start page lacks %q", text)
			}
		}
	}
	// Beside every number stands what a call leaves behind.
	if links, traces := strings.Count(swedish, `href="tel:`)-strings.Count(swedish,
		`href="tel:112"`), strings.Count(swedish, "Ditt nummer kan synas för den du ringer."); links != 2 || traces != links {
		t.Errorf("%d numbers, %d warnings", links, traces)
	}
	for _, forbidden := range []string{"<script>", "og:", "http-equiv", "onclick", " style=", "manifest", "@",
		"javascript:", "document.cookie"} {
		if strings.Contains(html, forbidden) {
			t.Errorf("the page contains %q", forbidden)
		}
	}
	if strings.Count(html, "<script") != 2 || strings.Count(html, "<main") != 1 || strings.Count(html, "<h1") != 1 {
		t.Error("two scripts, one main and one h1 were expected")
	}
	for _, address := range regexp.MustCompile(`(?:href|src)="([^"]*)"`).FindAllStringSubmatch(html, -1) {
		if !strings.HasPrefix(address[1], "/assets/") && !strings.HasPrefix(address[1], "tel:") && address[1] != "/lamna" &&
			address[1] != "/tillganglighet" {
			t.Errorf("the page leads to %s", address[1])
		}
	}
}

// The HTML comes before anything can be shown. Compressed as it is sent, in every language of the release, with every
// national number and two of the kommun's own; web/internal/bundle counts with this much.
func TestPageIsSmall(t *testing.T) {
	config := testConfig()
	raw, err := os.ReadFile("../intake/number/national.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &config.Numbers); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"kommun", "report"} {
		config.Numbers = append(config.Numbers, PhoneNumber{ID: id, Number: "08-530 610 00",
			Label: map[string]string{"sv": "Socialtjänsten i Exempel, växeln", "en": "Social services, switchboard"},
			Hours: map[string]string{"sv": "vardagar 8–16", "en": "weekdays 8–16"}, Verified: "2026-11-01"})
	}
	var tags []string
	for _, lang := range i18n.Languages() {
		tags = append(tags, lang.Tag)
	}
	site, err := NewSite(Options{Page: Visitor, Origin: testOrigin, Languages: tags,
		Config: func() PageConfig { return config }})
	if err != nil {
		t.Fatal(err)
	}
	for coding, most := range map[string]int{"br": 8_000, "gzip": 10_000} {
		response := ask(site, "GET", "/", "Accept-Encoding", coding)
		size := len(bodyOf(t, response))
		if t.Logf("the HTML takes %d bytes with %s", size, coding); size > most ||
			response.Header.Get("Content-Encoding") != coding {
			t.Errorf("the HTML takes %d bytes as %q, at most %d with %s", size, response.Header.Get("Content-Encoding"), most,
				coding)
		}
	}
}

func TestTheStatementStandsOnBothOriginsInEveryLanguage(t *testing.T) {
	config := testConfig()
	for _, page := range []Page{Visitor, Console} {
		site := newTestSite(t, page, func() PageConfig { return config })
		response := ask(site, "GET", "/tillganglighet")
		html := bodyOf(t, response)
		if response.StatusCode != 200 || strings.Count(html, "<h1") != 1 ||
			strings.Count(html, "<title>Kontakt</title>") != 1 || strings.Contains(html, "<script") {
			t.Fatalf("%s: %d %s", page, response.StatusCode, html)
		}
		for _, text := range []string{
			"Sidan är delvis förenlig med lagen. Det är lagen om tillgänglighet till digital offentlig service.",
			"Vi gick igenom sidan 2026-11-25.",
			"Skriv det till oss i chatten.", "Du behöver inte säga vad du heter.", "https://www.digg.se/tdosanmalan",
			`<details lang="en" dir="ltr">`, "The page partly complies",
		} {
			if !strings.Contains(html, text) {
				t.Errorf("%s: the statement lacks %q", page, text)
			}
		}
		if leads := strings.Contains(html, `href="/lamna"`); leads != (page == Visitor) {
			t.Errorf("%s: a way out: %v", page, leads)
		}
	}
	// The kommun's own number stands where it says that one may call, and only while it is verified.
	site := newTestSite(t, Visitor, func() PageConfig { return config })
	if html := bodyOf(t, ask(site, "GET", "/tillganglighet")); strings.Contains(html, "ringa kommunen") {
		t.Error("a number is offered that is not there")
	}
	config.Numbers = append(config.Numbers,
		PhoneNumber{ID: "kommun", Number: "08-530 610 00", Label: map[string]string{"sv": "Växeln"}, Verified: "2026-11-01"})
	if html := bodyOf(t, ask(site, "GET", "/tillganglighet")); !strings.Contains(html, "Du kan också ringa kommunen.") ||
		!strings.Contains(html, `href="tel:0853061000"`) {
		t.Error("the kommun's number is missing")
	}
}

func TestTheWayOutClearsTheOriginAndSendsOn(t *testing.T) {
	config := testConfig()
	site := newTestSite(t, Visitor, func() PageConfig { return config })
	for _, method := range []string{"GET", "HEAD"} {
		response := ask(site, method, "/lamna?x=1")
		header := response.Header
		if response.StatusCode != 303 || header.Get("Location") != "https://www.smhi.se/" || bodyOf(t, response) != "" {
			t.Errorf("%s: %d to %q", method, response.StatusCode, header.Get("Location"))
		}
		// Cookies reach every host of the kommun's domain.
		if got := header.Get("Clear-Site-Data"); got != `"storage", "cache"` {
			t.Errorf("%s: Clear-Site-Data is %q", method, got)
		}
		if header.Get("Cache-Control") != "no-store" || header.Get("Referrer-Policy") != "no-referrer" ||
			header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %v", method, header)
		}
	}
	if status := ask(site, "POST", "/lamna").StatusCode; status != 405 {
		t.Errorf("POST: %d", status)
	}
	config.Leave = "https://weather.example/"
	if got := ask(site, "GET", "/lamna").Header.Get("Location"); got != config.Leave {
		t.Errorf("the way out leads to %q", got)
	}
	if status := ask(newTestSite(t, Console, testConfig), "GET", "/lamna").StatusCode; status != 404 {
		t.Errorf("a console is left by closing it: %d", status)
	}
}

func TestOnlyTheWayOutClearsAnything(t *testing.T) {
	site := newTestSite(t, Visitor, testConfig)
	for _, path := range []string{"/", "/nothing", "/lamna/", "/status", "/assets/none.js"} {
		if got := ask(site, "GET", path).Header.Get("Clear-Site-Data"); got != "" {
			t.Errorf("%s clears %s", path, got)
		}
	}
}

func TestAFailedClaimChangesTheStartPage(t *testing.T) {
	config := testConfig()
	site := newTestSite(t, Visitor, func() PageConfig { return config })
	const promise = "utan att säga vem du är"
	if !strings.Contains(bodyOf(t, ask(site, "GET", "/")), promise) {
		t.Fatal("the promise is missing")
	}
	config.Claims, config.Numbers = nil, nil
	html := bodyOf(t, ask(site, "GET", "/"))
	if strings.Contains(html, promise) || !strings.Contains(html, "Skriv inte vem du är.") {
		t.Error("a claim that lapsed while the server runs is still shown")
	}
	if strings.Contains(html, "tel:11414") || !strings.Contains(html, "inga kontrollerade nummer") {
		t.Error("a number that lapsed while the server runs is still shown")
	}
}

func TestConfigBlock(t *testing.T) {
	for _, page := range []Page{Visitor, Console} {
		html := bodyOf(t, ask(newTestSite(t, page, testConfig), "GET", "/"))
		match := regexp.MustCompile(`(?s)<script type="application/json" id="config">(.*?)</script>`).FindStringSubmatch(html)
		if match == nil {
			t.Fatal("there is no configuration")
		}
		var got PageConfig
		if err := json.Unmarshal([]byte(match[1]), &got); err != nil {
			t.Fatal(err)
		}
		want := testConfig().filled()
		want.Origin = testOrigin
		want.Languages = got.Languages
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n got %+v\nwant %+v", page, got, want)
		}
		if strings.Contains(match[1], "null") {
			t.Error("a field is null")
		}
		if len(got.Languages) != 2 || got.Languages[0].Tag != "sv" || got.Languages[1].Tag != "en" {
			t.Errorf("languages: %v", got.Languages)
		}
		for _, lang := range got.Languages {
			site := newTestSite(t, page, testConfig)
			if !json.Valid([]byte(bodyOf(t, ask(site, "GET", lang.Catalog)))) {
				t.Errorf("%s: the catalog %s is not there", lang.Tag, lang.Catalog)
			}
		}
	}
}

func TestBadConfigurationIsFoundAtTheStart(t *testing.T) {
	for name, options := range map[string]Options{
		"number": {Page: Visitor, Origin: testOrigin, Languages: testLanguages,
			Config: func() PageConfig { return PageConfig{Numbers: []PhoneNumber{{Number: "javascript:1"}}} }},
		"page":                    {Page: "admin", Origin: testOrigin, Languages: testLanguages, Config: testConfig},
		"origin":                  {Page: Visitor, Origin: "kontakt", Languages: testLanguages, Config: testConfig},
		"config":                  {Page: Visitor, Origin: testOrigin, Languages: testLanguages},
		"no language":             {Page: Visitor, Origin: testOrigin, Config: testConfig},
		"a language that is none": {Page: Visitor, Origin: testOrigin, Config: testConfig, Languages: []string{"sv", "xx"}},
		"a route": {Page: Visitor, Origin: testOrigin, Languages: testLanguages, Config: testConfig,
			Routes: map[string]http.Handler{"/": http.NotFoundHandler()}},
		"no way out": {Page: Visitor, Origin: testOrigin, Languages: testLanguages, Config: func() PageConfig {
			config := testConfig()
			config.Leave = ""
			return config
		}},
		"the way out": {Page: Visitor, Origin: testOrigin, Languages: testLanguages, Config: testConfig,
			Routes: map[string]http.Handler{"/lamna": http.NotFoundHandler()}},
	} {
		if _, err := NewSite(options); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// The two declarations of the configuration are kept equal by comparing the names of their fields.
func TestConfigHasTheFieldsOfItsTwin(t *testing.T) {
	source, err := os.ReadFile("src/config.ts")
	if err != nil {
		t.Fatal(err)
	}
	for name, twin := range map[string]reflect.Type{"PageConfig": reflect.TypeFor[PageConfig](),
		"PhoneNumber": reflect.TypeFor[PhoneNumber](), "PageLanguage": reflect.TypeFor[PageLanguage](),
		"PartnerKommun": reflect.TypeFor[PartnerKommun]()} {
		_, rest, _ := bytes.Cut(source, []byte("interface "+name+" {\n"))
		body, _, found := bytes.Cut(rest, []byte("\n}"))
		if !found {
			t.Fatalf("config.ts has no interface %s", name)
		}
		var want []string
		for _, match := range regexp.MustCompile(`readonly (\w+)\??:`).FindAllSubmatch(body, -1) {
			want = append(want, string(match[1]))
		}
		if got := jsonNames(twin); !slices.Equal(got, want) {
			t.Errorf("%s:\nconfig.ts %v\nconfig.go %v", name, want, got)
		}
	}
}

// jsonNames lists the fields of a struct and, after each, those of a struct or list of structs that config.ts writes in
// place.
func jsonNames(of reflect.Type) []string {
	var names []string
	for i := range of.NumField() {
		field := of.Field(i)
		// What config.ts writes with a question mark is left out where it is empty.
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		names = append(names, name)
		// A list's elements have a declaration of their own.
		if field.Type.Kind() == reflect.Struct {
			names = append(names, jsonNames(field.Type)...)
		}
	}
	return names
}

// A kommun's own words stand on the page that the server renders too, and its questions and words reach the scripts as
// they are.
func TestAKommunsOwnWordsAndQuestions(t *testing.T) {
	config := testConfig()
	config.Flow = json.RawMessage(`{"first":"who"}`)
	config.Words = map[string]map[string]string{"sv": {"start.h1": "Vill du ta dig ur? </script>"}}
	body := string(bodyOf(t, ask(newTestSite(t, Visitor, func() PageConfig { return config }), "GET", "/")))
	for _, want := range []string{
		"<h1>Vill du ta dig ur? &lt;/script&gt;</h1>", `"flow":{"first":"who"}`,
		`"words":{"sv":{"start.h1":"Vill du ta dig ur? \u003c/script\u003e"}}`, "Need help getting out?",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if plain := string(bodyOf(t, ask(newTestSite(t, Visitor, testConfig), "GET", "/"))); strings.Contains(plain,
		`"flow"`) || strings.Contains(plain, `"words"`) {
		t.Error("a kommun without its own pays for it")
	}
}
