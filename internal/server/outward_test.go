package server

import (
	"net"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/utvag/utvag/internal/quietlog"
	"github.com/utvag/utvag/internal/testkit"
)

func TestThatNothingCanLeaveIsSaidOnceAndTakenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := new(testkit.Log)
		var gone atomic.Bool
		gone.Store(true)
		dial := func(network, address string) (net.Conn, error) {
			if gone.Load() {
				return nil, &net.OpError{Op: "dial", Net: network, Err: os.NewSyscallError("connect", syscall.ENETUNREACH)}
			}
			c, _ := net.Pipe()
			return c, nil
		}
		go watchOutward(t.Context(), quietlog.New(log), dial, time.Minute)
		time.Sleep(150 * time.Second)
		if n := strings.Count(log.String(), "ALARMS CANNOT LEAVE THIS MACHINE"); n != 1 {
			t.Errorf("said %d times: %s", n, log)
		}
		gone.Store(false)
		time.Sleep(time.Minute)
		gone.Store(true)
		time.Sleep(time.Minute)
		if !strings.Contains(log.String(), "can leave this machine again") ||
			strings.Count(log.String(), "ALARMS CANNOT LEAVE") != 2 {
			t.Errorf("it came back, and went: %s", log)
		}
	})
}

// What is shipped lets alarms out: they go by network, and to servers whose certificates somebody must know.
func TestWhatIsShippedLetsAlarmsOut(t *testing.T) {
	unit := regexp.MustCompile(`(?m)^#.*`).ReplaceAllString(testkit.ReadDeploy(t, "utvag.service"), "")
	if strings.Contains(unit, "PrivateNetwork=yes") ||
		!strings.Contains(unit, "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6\n") {
		t.Error("utvag.service takes the network away")
	}
	_, server, _ := strings.Cut(testkit.ReadDeploy(t, "compose.yaml"), "\n  utvag:\n")
	if strings.Contains(server, "network_mode: none") || strings.Contains(server, "ports:") {
		t.Error("compose.yaml takes the server's network away, or opens it to the outside")
	}
	if !strings.Contains(testkit.ReadDeploy(t, "Containerfile"),
		"COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/") {
		t.Error("the container knows no certificate authority")
	}
}
