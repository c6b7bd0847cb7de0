package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// What a page could ask the browser for, refused. Only names that browsers know: Chromium complains of others in its
// console. Access to authenticators is left out, since a console may come to unlock its keys with one.
var features = []string{
	"accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "encrypted-media", "fullscreen",
	"gamepad",
	"geolocation", "gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer", "microphone", "midi", "payment",
	"picture-in-picture", "screen-wake-lock", "serial", "storage-access", "sync-xhr", "usb", "window-management",
	"xr-spatial-tracking",
}

// Headers returns what stands on every response of an origin: pages, assets, errors, the directory, and the answer to a
// WebSocket upgrade. origin is scheme://host[:port] as a browser writes it; policies are the Trusted Types policies
// that its scripts may make.
func Headers(origin string, policies ...string) (http.Header, error) {
	parsed, err := url.Parse(origin)
	if err != nil || parsed.Host == "" || strings.ContainsAny(parsed.Host, "; ,'\"") ||
		(parsed.Scheme != "https" && parsed.Scheme != "http") || origin != parsed.Scheme+"://"+parsed.Host {
		return nil, fmt.Errorf("%q is not an origin", origin)
	}
	header := http.Header{}
	if len(policies) == 0 {
		policies = []string{"'none'"}
	}
	// Safari before 15.4 does not let 'self' cover the WebSocket of the same origin, so its address stands there in full.
	socket := "ws" + strings.TrimPrefix(parsed.Scheme, "http") + "://" + parsed.Host
	header.Set("Content-Security-Policy", strings.Join([]string{
		"default-src 'none'",
		"script-src 'self'",
		"style-src 'self'",
		"connect-src 'self' " + socket,
		"img-src 'self'",
		"font-src 'self'",
		"base-uri 'none'",
		"form-action 'none'",
		"frame-ancestors 'none'",
		"require-trusted-types-for 'script'",
		"trusted-types " + strings.Join(policies, " "),
	}, "; "))
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Frame-Options", "DENY")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cross-Origin-Embedder-Policy", "require-corp")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Permissions-Policy", strings.Join(features, "=(), ")+"=()")
	header.Set("X-Robots-Tag", "noindex, nofollow")
	header.Set("X-DNS-Prefetch-Control", "off")
	// A file in the cache of a shared phone tells that the page was visited: nothing is cached, scripts and styles
	// included, at the price of loading them again.
	header.Set("Cache-Control", "no-store")
	if parsed.Scheme == "https" {
		header.Set("Strict-Transport-Security", "max-age=63072000")
	}
	return header, nil
}

// guarded puts the headers on before anything else can answer.
func guarded(header http.Header, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		own := w.Header()
		for name, values := range header {
			own[name] = slices.Clone(values)
		}
		next.ServeHTTP(w, r)
	})
}

// readable answers for the site's own paths, which are only ever read.
func readable(w http.ResponseWriter, r *http.Request) bool {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return true
	}
	w.Header().Set("Allow", "GET, HEAD")
	w.WriteHeader(http.StatusMethodNotAllowed)
	return false
}
