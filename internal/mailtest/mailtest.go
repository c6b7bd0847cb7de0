// Package mailtest runs Debian's mail server, Exim, as an ordinary process with its own configuration, spool and
// certificate, for tests.
package mailtest

import (
	"context"
	"crypto/x509"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Server takes mail to vidby.test from whoever has logged in over TLS.
type Server struct {
	Host string
	// StartTLS offers STARTTLS; Implicit begins with TLS; Plain offers no TLS.
	StartTLS, Implicit, Plain int
	User, Password            string
	// Roots trust the server's certificate, which is for Host alone.
	Roots *x509.CertPool

	dir string
}

const configuration = `
primary_hostname = mail.vidby.test
spool_directory = DIR/spool
log_file_path = DIR/log/%slog
pid_file_path = DIR/exim.pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = STARTTLS : IMPLICIT : PLAIN
tls_on_connect_ports = IMPLICIT
tls_advertise_hosts = ${if eq{$received_port}{PLAIN}{}{*}}
tls_certificate = DIR/cert.pem
tls_privatekey = DIR/key.pem
acl_smtp_rcpt = rcpt
rfc1413_query_timeout = 0s
smtp_accept_max = 50
begin acl
rcpt:
  deny !encrypted = *
  deny !authenticated = *
  deny local_parts = full
       message = mailbox is full
  defer local_parts = later
  accept domains = vidby.test
  deny
begin routers
all:
  driver = accept
  transport = box
begin transports
box:
  driver = appendfile
  directory = DIR/box
  maildir_format
  create_directory
  user = USER
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_advertise_condition = ${if def:tls_in_cipher}
  server_prompts = :
  server_condition = ${if and{{eq{$auth2}{kontakt}}{eq{$auth3}{hunter2}}}}
`

// Start runs the server until the test ends. Without exim4, or without being root, which it insists on, the test is
// skipped, or fails where UTVAG_NO_SKIP=1 is set.
func Start(t testing.TB) *Server {
	t.Helper()
	skip := func(why string) {
		t.Helper()
		if os.Getenv("UTVAG_NO_SKIP") == "1" {
			t.Fatal(why + ", and UTVAG_NO_SKIP=1 forbids to skip")
		}
		t.Skip(why)
	}
	program, err := exec.LookPath("exim4")
	if err != nil {
		program = "/usr/sbin/exim4"
		if _, err := os.Stat(program); err != nil {
			skip("exim4 is not installed: apt-get install exim4-daemon-light")
		}
	}
	who, err := user.Lookup("Debian-exim")
	if err != nil || os.Getuid() != 0 {
		skip("exim4 runs as root alone")
	}
	dir, err := os.MkdirTemp("", "exim")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	uid, _ := strconv.Atoi(who.Uid)
	gid, _ := strconv.Atoi(who.Gid)
	for _, name := range []string{"", "spool", "log", "box"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(filepath.Join(dir, name), uid, gid); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	s := &Server{Host: "localhost", User: "kontakt", Password: "hunter2", dir: dir}
	s.Roots = certify(t, dir, s.Host, uid)
	ports := free(t, 3)
	s.StartTLS, s.Implicit, s.Plain = ports[0], ports[1], ports[2]
	conf := strings.NewReplacer("DIR", dir, "STARTTLS", strconv.Itoa(ports[0]), "IMPLICIT", strconv.Itoa(ports[1]),
		"PLAIN}", strconv.Itoa(ports[2])+"}",
		": PLAIN\n", ": "+strconv.Itoa(ports[2])+"\n", "USER", who.Username).Replace(configuration)
	if err := os.WriteFile(filepath.Join(dir, "exim.conf"), []byte(conf), 0o644); err != nil {
		t.Fatal(err)
	}
	s.run(t, program)
	return s
}

func (s *Server) run(t testing.TB, program string) {
	t.Helper()
	output, err := os.Create(filepath.Join(s.dir, "output"))
	if err != nil {
		t.Fatal(err)
	}
	defer output.Close()
	cmd := exec.Command(program, "-C", filepath.Join(s.dir, "exim.conf"), "-bdf")
	cmd.Stdout, cmd.Stderr = output, output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan struct{})
	go func() {
		cmd.Wait()
		close(exited)
	}()
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		select {
		case <-exited:
		case <-time.After(5 * time.Second):
			cmd.Process.Kill()
			<-exited
		}
	})
	for _, port := range []int{s.StartTLS, s.Implicit, s.Plain} {
		for deadline := time.Now().Add(20 * time.Second); ; {
			conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
			if err == nil {
				conn.Close()
				break
			}
			select {
			case <-exited:
				t.Fatalf("exim4 ended at once:\n%s", s.log())
			case <-time.After(20 * time.Millisecond):
			}
			if time.Now().After(deadline) {
				t.Fatalf("exim4 does not listen:\n%s", s.log())
			}
		}
	}
}

func (s *Server) log() string {
	var all strings.Builder
	for _, name := range []string{"output", "log/mainlog", "log/paniclog"} {
		text, _ := os.ReadFile(filepath.Join(s.dir, name))
		all.Write(text)
	}
	return all.String()
}

// Mails waits until that many mails are delivered, and gives them as they lie in the mailbox, in the order of their
// arrival.
func (s *Server) Mails(t testing.TB, want int) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for {
		files, _ := filepath.Glob(filepath.Join(s.dir, "box", "new", "*"))
		if len(files) >= want {
			slices.SortFunc(files, func(a, b string) int { return age(a).Compare(age(b)) })
			mails := make([]string, len(files))
			for i, name := range files {
				text, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				mails[i] = string(text)
			}
			return mails
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%d mails of %d were delivered:\n%s", len(files), want, s.log())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func age(name string) time.Time {
	about, err := os.Stat(name)
	if err != nil {
		return time.Time{}
	}
	return about.ModTime()
}

func free(t testing.TB, n int) []int {
	t.Helper()
	var ports []int
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports
}
