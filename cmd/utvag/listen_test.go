package main

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/utvag/utvag/intake/roster"
	"github.com/utvag/utvag/internal/config"
	"github.com/utvag/utvag/internal/quietlog"
	"github.com/utvag/utvag/internal/testkit"
)

// A client's host name chooses among the certificates, and a renewed one is taken up while the server runs.
func TestTLSListener(t *testing.T) {
	dir, long := t.TempDir(), time.Now().Add(-time.Hour)
	log := new(testkit.Log)
	c, err := newCertificates([]config.CertificateConfig{
		pair(t, dir, "a", long, "kontakt.vidby.example"), pair(t, dir, "b", long, "svar.vidby.example"),
	}, quietlog.New(log))
	if err != nil {
		t.Fatal(err)
	}
	l, err := listen(config.Endpoint{Network: "tcp", Address: "127.0.0.1:0", TLS: true}, c)
	if err != nil {
		t.Fatal(err)
	}
	s := servers{log: quietlog.New(log), failures: make(chan error, 1)}
	s.serve(l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "here") }), http.Header{})
	t.Cleanup(func() { s.stop(t.Context()) })
	present := func(name string) *x509.Certificate {
		conn, err := tls.Dial("tcp", l.Addr().String(), &tls.Config{ServerName: name, InsecureSkipVerify: true})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		return conn.ConnectionState().PeerCertificates[0]
	}
	for _, name := range []string{"kontakt.vidby.example", "svar.vidby.example"} {
		if got := present(name).DNSNames[0]; got != name {
			t.Errorf("%s is shown the certificate of %s", name, got)
		}
	}
	remembers := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{
		InsecureSkipVerify: true, ClientSessionCache: tls.NewLRUClientSessionCache(1),
	}}}
	for range 3 {
		response, err := remembers.Get("https://" + l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, response.Body)
		response.Body.Close()
		if response.TLS.DidResume {
			t.Error("one visit can be joined to another")
		}
	}
	if _, err := tls.Dial("tcp", l.Addr().String(),
		&tls.Config{ServerName: "a", InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("TLS 1.1 was spoken")
	}
	before := present("svar.vidby.example")
	c.reread()
	if !present("svar.vidby.example").Equal(before) {
		t.Error("the certificate changed without a change")
	}
	testkit.Certify(t, dir, "b", time.Now(), "svar.vidby.example")
	if err := os.WriteFile(c.pairs[1].Key, []byte("half written"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.reread()
	if !present("svar.vidby.example").Equal(before) {
		t.Error("a broken pair was taken up")
	}
	testkit.Certify(t, dir, "b", time.Now().Add(time.Second), "svar.vidby.example")
	c.reread()
	if present("svar.vidby.example").Equal(before) {
		t.Error("the renewed certificate was not taken up")
	}
}

// Two rosters with one serial: clients could not tell which is the newer.
func TestBookRefusesAFork(t *testing.T) {
	p := testkit.NewPlace(t)
	checked, err := config.Load(p.Write(t, "utvag.yaml", []byte(p.Text)), testkit.Now)
	if err != nil {
		t.Fatal(err)
	}
	b := newBook(checked.Kommuner[0], func() time.Time { return testkit.Now }, quietlog.New(io.Discard))
	sign := func(alias string) []byte {
		text, err := testkit.EnrolmentRequest("vidby", alias)
		if err != nil {
			t.Fatal(err)
		}
		request, err := roster.ParseEnrolment(text)
		if err != nil {
			t.Fatal(err)
		}
		r, err := roster.New("vidby").Add(request, roster.Coordinator, testkit.Now.AddDate(0, 1, 0), testkit.Now)
		if err != nil {
			t.Fatal(err)
		}
		signed, err := r.Sign(p.Signer)
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	calls := 0
	b.onChange(func(_, _ *roster.Roster) { calls++ })
	first := sign("Sara")
	for range 2 {
		if err := b.put(first); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.put(sign("Vera")); err != errForked {
		t.Errorf("got %v", err)
	}
	if signed, r := b.present(); string(signed) != string(first) || r.Devices[0].Alias != "Sara" || calls != 2 {
		t.Errorf("%d calls; it holds %s", calls, signed)
	}
}

// The log warns at 5, 3 and 1 days, once each, and says loudly that it is over.
func TestBookWarns(t *testing.T) {
	log := new(testkit.Log)
	now := testkit.Now
	b := newBook(&config.Kommun{ID: "vidby"}, func() time.Time { return now }, quietlog.New(log))
	b.roster = &roster.Roster{Expires: testkit.Now.AddDate(0, 0, 7)}
	said, stage := []int{}, 0
	for hour := range 8 * 24 {
		now = testkit.Now.Add(time.Duration(hour) * time.Hour)
		before := len(log.String())
		b.warn(&stage)
		if len(log.String()) > before {
			said = append(said, hour)
		}
	}
	if len(said) != 4 || said[0] != 48 || said[1] != 96 || said[2] != 144 || said[3] != 168 {
		t.Errorf("warned at hours %v", said)
	}
}

// pair is a certificate for names, as the configuration names it.
func pair(t *testing.T, dir, file string, stamp time.Time, names ...string) config.CertificateConfig {
	t.Helper()
	cert, key := testkit.Certify(t, dir, file, stamp, names...)
	return config.CertificateConfig{Cert: cert, Key: key}
}
