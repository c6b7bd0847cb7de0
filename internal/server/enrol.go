package server

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/utvag/utvag/intake/roster"
	"github.com/utvag/utvag/internal/live"
)

// enrolments lets each of the demo's coordinators add one device: it is the team lead of the demo, who believes whoever
// holds a link. No other command has this.
type enrolments struct {
	origin string
	roster *live.Roster
	team   note.Signer
	now    func() time.Time

	mu     sync.Mutex
	tokens []*enrolmentToken
}

type enrolmentToken struct {
	token string
	used  bool
}

// demoCertificate is how long a demo's device may answer.
const demoCertificate = 24 * time.Hour

// issue makes a token that enrols one device.
func (e *enrolments) issue() string {
	random := make([]byte, 16)
	rand.Read(random)
	t := &enrolmentToken{token: hex.EncodeToString(random)}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.tokens = append(e.tokens, t)
	return t.token
}

func (e *enrolments) find(token string) *enrolmentToken {
	for _, t := range e.tokens {
		if subtle.ConstantTimeCompare([]byte(t.token), []byte(token)) == 1 {
			return t
		}
	}
	return nil
}

// ServeHTTP takes a token on a line of its own, then an enrolment request.
func (e *enrolments) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	if r.Header.Get("Origin") != e.origin {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 8<<10))
	if err != nil {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	}
	token, request, _ := strings.Cut(string(body), "\n")
	w.WriteHeader(e.enrol(token, []byte(request)))
}

func (e *enrolments) enrol(token string, text []byte) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	t := e.find(token)
	switch {
	case t == nil:
		return http.StatusForbidden
	case t.used:
		return http.StatusGone
	}
	request, err := roster.ParseEnrolment(text)
	if err != nil {
		return http.StatusBadRequest
	}
	now := e.now()
	_, present := e.roster.Present()
	next, err := present.Add(request, roster.Coordinator, now.Add(demoCertificate), now)
	if err != nil {
		if errors.Is(err, roster.ErrDuplicate) {
			return http.StatusConflict
		}
		return http.StatusBadRequest
	}
	signed, err := next.Sign(e.team)
	if err == nil {
		err = e.roster.Put(signed)
	}
	if err != nil {
		return http.StatusInternalServerError
	}
	t.used = true
	return http.StatusNoContent
}
