// Load is many Envoys in one process, as far as an xDS server can tell. It takes commands as lines of JSON on its standard
// input and answers each with a line on its standard output; it ends when the input does.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"time"

	"sluice/bench/xds/internal/change"
)

// command is what may be asked for.
type command struct {
	Do string `json:"do"`
	// Count and PerSecond of changes.
	Count     int     `json:"count"`
	PerSecond float64 `json:"perSecond"`
	GapMs     int     `json:"gapMs"`
	// Change says whether an endpoint changes while all nodes are away.
	Change         bool    `json:"change"`
	File           string  `json:"file"`
	TimeoutSeconds float64 `json:"timeoutSeconds"`
}

func main() {
	target := flag.String("target", "", "HOST:PORT of the xDS server")
	nodes := flag.Int("nodes", 1, "how many streams, each on a connection of its own")
	protocol := flag.String("protocol", "delta", "delta or sotw")
	group := flag.String("group", "default", "node.cluster of all nodes")
	pid := flag.Int("pid", 0, "process of the server, for processor time and memory; 0: not measured")
	services := flag.Int("services", 1, "how many Services there are to change in turn")
	url := flag.String("change-url", "", "a change is a POST to this URL with {service}, {address} and {port}")
	file := flag.String("change-file", "", "a change writes this file, with {service}")
	template := flag.String("change-template", "", "file with the text of such a file, with {service}, {address} and {port}")
	flag.Parse()
	// Collecting garbage takes time from the server on the same machine.
	debug.SetGCPercent(400)

	maker := change.ByCall(*url)
	if *file != "" {
		text, err := os.ReadFile(*template)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		maker = change.ToFile(*file, string(text))
	}
	fleet := newFleet(*target, *group, *protocol == "delta", *pid, *nodes, maker, *services)
	answers := json.NewEncoder(os.Stdout)
	lines := bufio.NewScanner(os.Stdin)
	var silent *deaf
	for lines.Scan() {
		var asked command
		var answer any
		err := json.Unmarshal(lines.Bytes(), &asked)
		timeout := time.Duration(asked.TimeoutSeconds * float64(time.Second))
		if err == nil {
			switch asked.Do {
			case "cold":
				answer, err = fleet.cold(timeout)
			case "disconnect":
				fleet.disconnect()
				answer = struct{}{}
			case "comeBack":
				answer, err = fleet.comeBack(asked.Change, timeout)
			case "changes":
				answer, err = fleet.oneByOne(asked.Count, time.Duration(asked.GapMs)*time.Millisecond, timeout)
			case "rate":
				answer, err = fleet.atRate(asked.Count, asked.PerSecond, timeout)
			case "deaf":
				silent, err = fleet.openDeaf()
				answer = struct{}{}
			case "undeaf":
				silent.Close()
				answer = struct{}{}
			case "capture":
				answer, err = fleet.capture(asked.File)
			case "used":
				answer = fleet.used()
			default:
				err = fmt.Errorf("unknown command %q", asked.Do)
			}
		}
		if err != nil {
			answer = map[string]string{"error": err.Error()}
		}
		if answers.Encode(answer) != nil {
			return
		}
	}
	fleet.disconnect()
}
