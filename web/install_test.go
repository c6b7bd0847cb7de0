package web

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func get(site http.Handler, path string) *http.Response {
	w := httptest.NewRecorder()
	site.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w.Result()
}

// Staff can put the console on a home screen and be woken by it; a visitor's phone learns of neither.
func TestTheConsoleAloneIsInstallable(t *testing.T) {
	console, visitor := newTestSite(t, Console, testConfig), newTestSite(t, Visitor, testConfig)
	for _, path := range []string{servicePath, appPath} {
		if got := get(visitor, path).StatusCode; got != http.StatusNotFound {
			t.Errorf("the visitor's origin answers %s with %d", path, got)
		}
		answer := get(console, path)
		if answer.StatusCode != http.StatusOK || answer.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d, %v", path, answer.StatusCode, answer.Header)
		}
	}
	if page := bodyOf(t, get(visitor, "/")); strings.Contains(page, "manifest") {
		t.Error("the visitor's page names a manifest")
	}
	if page := bodyOf(t, get(console, "/")); !strings.Contains(page, `<link rel="manifest" href="`+appPath+`">`) {
		t.Error("the console names no manifest")
	}
	var app struct {
		Name, Short_name, Start_url, Scope, Display string
		Icons                                       []struct{ Src, Sizes string }
	}
	if err := json.Unmarshal([]byte(bodyOf(t, get(console, appPath))), &app); err != nil {
		t.Fatal(err)
	}
	if app.Name != "Kontakt" || app.Short_name != "Kontakt" || app.Start_url != "/" || app.Scope != "/" ||
		app.Display != "standalone" || len(app.Icons) != 2 {
		t.Errorf("the app is %+v", app)
	}
	for _, icon := range app.Icons {
		if answer := get(console, icon.Src); answer.StatusCode != http.StatusOK ||
			answer.Header.Get("Content-Type") != "image/png" {
			t.Errorf("%s: %d", icon.Src, answer.StatusCode)
		}
	}
	// It says the words, and has no way to keep or to change anything.
	service := bodyOf(t, get(console, servicePath))
	if !strings.Contains(service, "Kontakt: öppna sidan nu.") {
		t.Errorf("the service worker does not say the words: %s", service)
	}
	for _, never := range []string{"caches", "indexedDB", "fetch", "ALARM_WORDS", ".data", "importScripts", "storage"} {
		if strings.Contains(service, never) {
			t.Errorf("the service worker uses %s", never)
		}
	}
}
