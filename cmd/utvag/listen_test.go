package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/utvag/utvag/intake/roster"
	"github.com/utvag/utvag/internal/quietlog"
)

// certify writes a certificate for names and its key, stamped with a time of its own.
func certify(t *testing.T, dir, file string, stamp time.Time, names ...string) CertificateConfig {
	t.Helper()
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: names[0]}, DNSNames: names,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, key)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	pair := CertificateConfig{filepath.Join(dir, file+".crt"), filepath.Join(dir, file+".key")}
	for path, block := range map[string]*pem.Block{pair.Cert: {Type: "CERTIFICATE", Bytes: der},
		pair.Key: {Type: "PRIVATE KEY", Bytes: pkcs8}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, stamp, stamp); err != nil {
			t.Fatal(err)
		}
	}
	return pair
}

// A client's host name chooses among the certificates, and a renewed one is taken up while the server runs.
func TestTLSListener(t *testing.T) {
	dir, long := t.TempDir(), time.Now().Add(-time.Hour)
	log := new(locked)
	c, err := newCertificates([]CertificateConfig{
		certify(t, dir, "a", long, "kontakt.vidby.example"), certify(t, dir, "b", long, "svar.vidby.example"),
	}, quietlog.New(log))
	if err != nil {
		t.Fatal(err)
	}
	l, err := listen(endpoint{network: "tcp", address: "127.0.0.1:0", tls: true}, c)
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
		if got := present(name).Subject.CommonName; got != name {
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
	certify(t, dir, "b", time.Now(), "svar.vidby.example")
	if err := os.WriteFile(c.pairs[1].Key, []byte("half written"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.reread()
	if !present("svar.vidby.example").Equal(before) {
		t.Error("a broken pair was taken up")
	}
	certify(t, dir, "b", time.Now().Add(time.Second), "svar.vidby.example")
	c.reread()
	if present("svar.vidby.example").Equal(before) {
		t.Error("the renewed certificate was not taken up")
	}
}

// Two rosters with one serial: clients could not tell which is the newer.
func TestBookRefusesAFork(t *testing.T) {
	p := newPlace(t)
	checked, err := loadConfig(p.write(t, "utvag.yaml", []byte(p.text)), testNow)
	if err != nil {
		t.Fatal(err)
	}
	b := newBook(checked.tenants[0], func() time.Time { return testNow }, quietlog.New(io.Discard))
	sign := func(alias string) []byte {
		text, err := enrolmentRequest("vidby", alias)
		if err != nil {
			t.Fatal(err)
		}
		request, err := roster.ParseEnrolment(text)
		if err != nil {
			t.Fatal(err)
		}
		r, err := roster.New("vidby").Add(request, roster.Coordinator, testNow.AddDate(0, 1, 0), testNow)
		if err != nil {
			t.Fatal(err)
		}
		signed, err := r.Sign(p.signer)
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
	log := new(locked)
	now := testNow
	b := newBook(&tenant{id: "vidby"}, func() time.Time { return now }, quietlog.New(log))
	b.roster = &roster.Roster{Expires: testNow.AddDate(0, 0, 7)}
	said, stage := []int{}, 0
	for hour := range 8 * 24 {
		now = testNow.Add(time.Duration(hour) * time.Hour)
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

// A certificate for another name would be found out by the first visitor.
func TestCertificatesAreForTheOrigins(t *testing.T) {
	p := newPlace(t)
	certify(t, p.dir, "a", time.Now(), "kontakt.vidby.example")
	text := strings.NewReplacer("127.0.0.1:8080", "0.0.0.0:8443", "kommuner:",
		"tls:\n  - {cert: a.crt, key: a.key}\nkommuner:").Replace(p.text)
	_, err := loadConfig(p.write(t, "utvag.yaml", []byte(text)), testNow)
	var wrong mistakes
	if !errors.As(err, &wrong) {
		t.Fatalf("got %v", err)
	}
	missing := slices.DeleteFunc(slices.Clone(wrong), func(m mistake) bool {
		return !strings.Contains(m.text, "no certificate under tls is for svar.vidby.example")
	})
	if len(missing) != 1 || strings.Contains(err.Error(), "is for kontakt.vidby.example") {
		t.Errorf("got %v", err)
	}
}
