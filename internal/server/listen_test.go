package server

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/utvag/utvag/internal/config"
	"github.com/utvag/utvag/internal/live"
	"github.com/utvag/utvag/internal/quietlog"
	"github.com/utvag/utvag/internal/testkit"
)

// A client's host name chooses among the certificates, and a renewed one is taken up while the server runs.
func TestTLSListener(t *testing.T) {
	t.Parallel()
	dir, long := t.TempDir(), time.Now().Add(-time.Hour)
	log := new(testkit.Log)
	second := pair(t, dir, "b", long, "svar.vidby.example")
	c, err := live.NewCertificates(
		[]config.CertificateConfig{pair(t, dir, "a", long, "kontakt.vidby.example"), second}, quietlog.New(log))
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
	if err := c.Reread(); err != nil || !present("svar.vidby.example").Equal(before) {
		t.Errorf("the certificate changed without a change, or %v", err)
	}
	testkit.Certify(t, dir, "b", time.Now(), "svar.vidby.example")
	if err := os.WriteFile(second.Key, []byte("half written"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.Reread(); err == nil || !present("svar.vidby.example").Equal(before) {
		t.Errorf("a broken pair was taken up, %v", err)
	}
	testkit.Certify(t, dir, "b", time.Now().Add(time.Second), "svar.vidby.example")
	if err := c.Reread(); err != nil || present("svar.vidby.example").Equal(before) {
		t.Errorf("the renewed certificate was not taken up, %v", err)
	}
}

// pair is a certificate for names, as the configuration names it.
func pair(t *testing.T, dir, file string, stamp time.Time, names ...string) config.CertificateConfig {
	t.Helper()
	cert, key := testkit.Certify(t, dir, file, stamp, names...)
	return config.CertificateConfig{Cert: cert, Key: key}
}

func TestServeLeavesASocketOnlyToTheLiving(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	first, err := listenUnix(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := listenUnix(path); err == nil || !strings.Contains(err.Error(), "another server") {
		t.Errorf("a living socket was taken: %v", err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o660 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	// As a killed server leaves it.
	first.(*net.UnixListener).SetUnlinkOnClose(false)
	first.Close()
	second, err := listenUnix(path)
	if err != nil {
		t.Fatal(err)
	}
	second.Close()
	if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := listenUnix(path); err == nil {
		t.Error("a file was taken for a socket")
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "precious" {
		t.Errorf("the file is gone: %v", err)
	}
}
