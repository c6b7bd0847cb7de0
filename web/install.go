package web

import (
	"encoding/json"
	"fmt"

	"github.com/utvag/utvag/web/internal/manifest"
)

// The console alone can be woken and put on a home screen: a visitor's phone must not show that it knows us.
const (
	// servicePath lies at the top, because a service worker sees no more than what lies below it.
	// web/src/console/waking.ts knows it too.
	servicePath = "/larm.js"
	appPath     = "/kontakt.webmanifest"
)

// installable gives what is served beside the console's page.
func installable(files manifest.Files, assets map[string]content) (map[string]content, error) {
	service, ok := assets[assetPath(files.Service)]
	if !ok {
		return nil, fmt.Errorf("the release has no service worker")
	}
	type icon struct {
		Src     string `json:"src"`
		Sizes   string `json:"sizes"`
		Type    string `json:"type"`
		Purpose string `json:"purpose"`
	}
	var icons []icon
	for _, size := range []string{"192", "512"} {
		icons = append(icons, icon{assetPath(files.Icons[size]), size + "x" + size, "image/png", "any"})
	}
	text, err := json.Marshal(map[string]any{
		"name": "Kontakt", "short_name": "Kontakt", "lang": "sv", "id": "/", "start_url": "/", "scope": "/",
		"display":          "standalone",
		"background_color": "#ffffff", "theme_color": "#ffffff", "icons": icons,
	})
	if err != nil {
		return nil, err
	}
	return map[string]content{servicePath: service, appPath: {kind: "application/manifest+json", plain: text}}, nil
}
