package server

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/utvag/utvag/intake/probe"
	"github.com/utvag/utvag/internal/config"
	"github.com/utvag/utvag/internal/live"
	"github.com/utvag/utvag/internal/testkit"
)

func TestTheConsolesPageAloneHasWhatIsAsked(t *testing.T) {
	p := testkit.NewFolder(t)
	p.Text = strings.Replace(p.Text, testkit.Leave, "    duty: {at_once: 3, breaks: [5m, 15m]}\n"+testkit.Leave, 1)
	checked, err := config.Load(p.Write(t, "utvag.yaml", []byte(p.Text)), testkit.Now)
	if err != nil {
		t.Fatal(err)
	}
	k := checked.Kommuner[0]
	visitor, console, err := publicOf(k).sites(
		http.NotFoundHandler(),
		map[string]http.Handler{k.ID: http.NotFoundHandler()},
		nil,
	)
	if err != nil {
		t.Fatal(err)
	}
	page := func(site http.Handler, host string) string {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = host
		w := httptest.NewRecorder()
		site.ServeHTTP(w, r)
		return w.Body.String()
	}
	const want = `"duty":{"atOnce":3,"breaks":[5,15]}`
	if got := page(console, k.Console.Host); !strings.Contains(got, want) {
		t.Errorf("the console's page does not hold %s", want)
	}
	if got := page(visitor, k.Visitor.Host); !strings.Contains(got, `"pins":`) || strings.Contains(got, "atOnce") {
		t.Error("how many conversations one person has stands on the visitor's page, or there is no page")
	}
}

func TestThePageKnowsItsPartners(t *testing.T) {
	p := testkit.WithNorrby(t, "    partners: [norrby]\n", "    partners: [vidby]\n")
	checked, err := config.Load(p.Write(t, "utvag.yaml", []byte(p.Text)), testkit.Now)
	if err != nil {
		t.Fatal(err)
	}
	page := publicOf(checked.Kommuner[0]).pageConfig(
		false,
	)
	norrby := checked.Kommuner[1]
	if len(page.Partners) != 1 || page.Partners[0].ID != "norrby" || page.Partners[0].Name != "Norrby kommun" ||
		strings.Join(page.Partners[0].Pins, " ") != strings.Join(norrby.PinKeys(), " ") || len(norrby.Pins) != 2 {
		t.Errorf("the page has %+v", page.Partners)
	}
	if other := publicOf(norrby).pageConfig(false); len(other.Partners) != 1 ||
		other.Partners[0].ID != "vidby" {
		t.Errorf("the other side has %+v", other.Partners)
	}
}

// A page that knows a kommun which is none of its own is a page that could be told to trust it.
func TestWhoHasNoPartnersHasNoneOnThePage(t *testing.T) {
	p := testkit.WithNorrby(t, "", "")
	checked, err := config.Load(p.Write(t, "utvag.yaml", []byte(p.Text)), testkit.Now)
	if err != nil {
		t.Fatal(err)
	}
	page := publicOf(checked.Kommuner[0]).pageConfig(
		false,
	)
	if page.Partners != nil {
		t.Errorf("the page has %+v", page.Partners)
	}
}

// The public half is on the console alone: a visitor's page has no use for it.
func TestConsoleAloneKnowsTheProbeKey(t *testing.T) {
	p := testkit.NewFolder(t)
	private, public, err := probe.NewKey("vidby")
	if err != nil {
		t.Fatal(err)
	}
	p.Write(t, "probe", []byte(private+"\n"))
	p.Write(t, "probe.pub", []byte(public+"\n"))
	p.Text = strings.Replace(p.Text, testkit.Leave, "    probe_key_file: probe\n"+testkit.Leave, 1)
	checked, err := config.Load(p.Write(t, "utvag.yaml", []byte(p.Text)), testkit.Now)
	if err != nil {
		t.Fatal(err)
	}
	k := checked.Kommuner[0]
	visitor, console, err := pagesOf(k)
	if err != nil {
		t.Fatal(err)
	}
	body := func(site http.Handler, origin string) string {
		answer, request := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, origin+"/", nil)
		site.ServeHTTP(answer, request)
		return answer.Body.String()
	}
	if !strings.Contains(body(console, k.Console.Origin), `"probe":"probe.vidby`) {
		t.Error("the console does not have it")
	}
	for _, page := range []string{body(visitor, k.Visitor.Origin), body(console, k.Console.Origin)} {
		if strings.Contains(page, private) {
			t.Error("a page holds the private key")
		}
	}
	if strings.Contains(body(visitor, k.Visitor.Origin), "probe.vidby") {
		t.Error("the visitor's page holds it")
	}
}

// pagesOf are a kommun's two sites, without relay and directories.
func pagesOf(k *config.Kommun) (visitor, console http.Handler, err error) {
	return publicOf(k).sites(nil, nil, nil)
}

// publicOf has neither roster nor store: it knows what was configured.
func publicOf(k *config.Kommun) *public {
	return &public{kommun: &live.Kommun{Config: k}, now: func() time.Time { return testkit.Now }}
}
