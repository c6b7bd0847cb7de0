// Package generate makes the files that other languages read: the table of codes for TypeScript and the vectors of
// spec/vectors.
package generate

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/utvag/utvag/chat"
)

// CountFile tells how many cases each file of vectors holds.
const CountFile = "spec/vectors/COUNT.json"

// Files gives every generated file by its path from the root of the repository. The last is CountFile, where the rows
// that others wrote into counts, its text of now, are kept.
func Files(counts []byte) (map[string][]byte, error) {
	files := map[string][]byte{"web/src/wire/codes.gen.ts": codes()}
	rows := map[string]int{}
	if err := json.Unmarshal(counts, &rows); err != nil {
		return nil, fmt.Errorf("%s: %w", CountFile, err)
	}
	for name, cases := range map[string][]vector{
		"frames":     frames(),
		"header":     headers(),
		"transcript": transcripts(),
		"payload":    payloads(),
		"directory":  directories(),
		"reach":      reachables(),
		"work":       works(),
	} {
		text, err := marshal(map[string]any{"count": len(cases), "cases": cases})
		if err != nil {
			return nil, err
		}
		files["spec/vectors/"+name+".json"] = text
		rows[name] = len(cases)
	}
	text, err := marshal(rows)
	if err != nil {
		return nil, err
	}
	files[CountFile] = text
	return files, nil
}

func marshal(value any) ([]byte, error) {
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	err := encoder.Encode(value)
	return []byte(out.String()), err
}

func codes() []byte {
	var out strings.Builder
	out.WriteString("// Generated from chat/codes.go and chat/limits.go by `go generate ./chat`. Do not edit.\n")
	fmt.Fprint(&out, "\n/** Frames (spec §3). */\nexport const Kind = {\n")
	for _, row := range chat.Kinds() {
		fmt.Fprintf(&out, "  %s: 0x%02x,\n", row.Name, uint8(row.Value))
	}
	fmt.Fprint(&out, "} as const;\n\n/** Refusals (spec §3.3). */\nexport const Refusal = {\n")
	for _, row := range chat.Codes() {
		fmt.Fprintf(&out, "  %s: %d,\n", row.Name, row.Value)
	}
	fmt.Fprint(&out, "} as const;\n\n/** WebSocket close codes (spec §3.3). */\nexport const Close = {\n")
	for _, row := range chat.CloseCodes() {
		fmt.Fprintf(&out, "  %s: %d,\n", row.Name, row.Value)
	}
	fmt.Fprint(&out, "} as const;\n\n/** Limits (spec §9): bytes, numbers or seconds. */\nexport const Limit = {\n")
	for _, row := range chat.Limits() {
		fmt.Fprintf(&out, "  %s: %d,\n", row.Name, row.Value)
	}
	fmt.Fprint(&out, "} as const;\n")
	return []byte(out.String())
}
