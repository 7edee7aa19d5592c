// Package change makes one endpoint of one Service another one, as the users of each server do: by a file, or by a call.
package change

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// Change says which Service gets which endpoint in the place of its first.
type Change struct {
	Service int
	Address string
	Port    int
}

// Maker makes changes.
type Maker struct {
	path, template string // by a file
	url            string // by a call
}

// ToFile replaces files by rename. Pattern is the path of the file of a Service, template the text of all of them.
func ToFile(pattern, template string) *Maker { return &Maker{path: pattern, template: template} }

// ByCall posts to a URL with placeholders.
func ByCall(url string) *Maker { return &Maker{url: url} }

var client = &http.Client{Timeout: 2 * time.Minute}

// Make makes a change. Begin is called at the moment from which on it could be known: before the file gets its name, or the
// call is made.
func (m *Maker) Make(change Change, begin func()) error {
	fill := strings.NewReplacer("{service}", strconv.Itoa(change.Service), "{address}", change.Address, "{port}", strconv.Itoa(change.Port)).Replace
	if m.url == "" {
		path := fill(m.path)
		next := path + ".next"
		if err := os.WriteFile(next, []byte(fill(m.template)), 0o644); err != nil {
			return err
		}
		begin()
		return os.Rename(next, path)
	}
	begin()
	response, err := client.Post(fill(m.url), "", nil)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("the change was answered with %d: %s", response.StatusCode, answer)
	}
	return err
}
