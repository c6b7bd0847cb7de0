package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/utvag/utvag/i18n"
)

// install adds what makes the console something that can be woken and put on a home screen.
func (b *pageBuild) install(root string) error {
	source, err := os.ReadFile(filepath.Join(root, "web", "src", "console", "service.ts"))
	if err != nil {
		return err
	}
	words, err := i18n.Text("sv", "desk.alarm.words", nil)
	if err != nil {
		return err
	}
	literal, err := json.Marshal(words)
	if err != nil {
		return err
	}
	built := api.Transform(string(source), api.TransformOptions{
		Loader: api.LoaderTS, Target: api.ES2020, Format: api.FormatIIFE, Charset: api.CharsetUTF8,
		LogLevel:         api.LogLevelSilent,
		MinifyWhitespace: true, MinifyIdentifiers: true, MinifySyntax: true,
		Define: map[string]string{"ALARM_WORDS": string(literal)},
	})
	if len(built.Errors)+len(built.Warnings) > 0 {
		return fmt.Errorf("service.ts: %v %v", built.Errors, built.Warnings)
	}
	b.names.Service = hashed("service", ".js", built.Code)
	b.add(b.names.Service, built.Code)
	b.names.Icons = map[string]string{}
	for _, size := range []string{"192", "512"} {
		icon, err := os.ReadFile(filepath.Join(root, "web", "pages", "icon-"+size+".png"))
		if err != nil {
			return err
		}
		b.names.Icons[size] = hashed("icon", ".png", icon)
		b.add(b.names.Icons[size], icon)
	}
	return nil
}
