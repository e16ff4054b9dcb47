// Verifies a log of the ledger with the Go team's own code for logs, none of it written here: the checkpoint's signature, every tile,
// every entry, and that the tree has only grown. Then it changes one bit of a file at a time and expects every such twin to be rejected.
//
//	go run . FOLDER VKEY
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const width, twinsMax = 256, 100

// files reads a log's files and remembers which; in a tampered twin one bit of one file is another.
type files struct {
	folder, tampered string
	seen             map[string]bool
}

func (f files) read(path string) ([]byte, error) {
	data, err := os.ReadFile(filepath.Join(f.folder, path))
	if path == f.tampered {
		at := len(data) / 2
		if path == "checkpoint" { // in its text: after that may come signatures of witnesses, which this reader does not know
			at = bytes.Index(data, []byte("\n\n")) / 2
		}
		data[at] ^= 1
	}
	f.seen[path] = true
	return data, err
}

func (f files) Height() int                     { return 8 }
func (f files) SaveTiles([]tlog.Tile, [][]byte) {}
func (f files) ReadTiles(tiles []tlog.Tile) (found [][]byte, err error) {
	for _, tile := range tiles {
		data, err := f.read("tile/" + strings.TrimPrefix(tile.Path(), "tile/8/")) // the height is always 8, and not in the path
		if err != nil {
			return nil, err
		}
		found = append(found, data)
	}
	return found, nil
}

func checkpoint(f files, vkey string) (tree tlog.Tree, err error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tree, err
	}
	raw, err := f.read("checkpoint")
	if err != nil {
		return tree, err
	}
	opened, err := note.Open(raw, note.VerifierList(verifier))
	if err != nil {
		return tree, err
	}
	var origin, root string
	if _, err := fmt.Sscanf(opened.Text, "%s\n%d\n%s\n", &origin, &tree.N, &root); err != nil || origin != verifier.Name() {
		return tree, fmt.Errorf("not a checkpoint of %s", verifier.Name())
	}
	hash, err := base64.StdEncoding.DecodeString(root)
	copy(tree.Hash[:], hash)
	return tree, err
}

// verify returns how many entries the log has, or why it is not accepted.
func verify(f files, vkey string) (int64, error) {
	tree, err := checkpoint(f, vkey)
	if err != nil {
		return 0, err
	}
	hashes := tlog.TileHashReader(tree, f) // checks each tile against the root
	for first := int64(0); first < tree.N; first += width {
		bundle := tlog.Tile{H: 8, L: -1, N: first / width, W: int(min(width, tree.N-first))}
		data, err := f.read("tile/entries/" + strings.TrimPrefix(bundle.Path(), "tile/8/data/"))
		if err != nil {
			return 0, err
		}
		var indexes []int64
		for i := 0; i < bundle.W; i++ {
			indexes = append(indexes, tlog.StoredHashIndex(0, first+int64(i)))
		}
		leaves, err := hashes.ReadHashes(indexes)
		if err != nil {
			return 0, err
		}
		for i, leaf := range leaves {
			if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
				return 0, fmt.Errorf("position %d: the bundle ends within it", first+int64(i)+1)
			}
			end := 2 + int(binary.BigEndian.Uint16(data))
			if tlog.RecordHash(data[2:end]) != leaf {
				return 0, fmt.Errorf("position %d: the entry is not the one in the tree", first+int64(i)+1)
			}
			data = data[end:]
		}
		if len(data) != 0 {
			return 0, fmt.Errorf("position %d: bytes after the bundle's last entry", first+int64(bundle.W))
		}
	}
	earlier, err := tlog.TreeHash(tree.N/2, hashes)
	if err != nil {
		return 0, err
	}
	proof, err := tlog.ProveTree(tree.N, tree.N/2, hashes)
	if err != nil {
		return 0, err
	}
	return tree.N, tlog.CheckTree(proof, tree.N, tree.Hash, tree.N/2, earlier)
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("usage: go run . FOLDER VKEY")
	}
	folder, vkey, seen, twins := os.Args[1], strings.TrimSpace(os.Args[2]), map[string]bool{}, 0
	entries, err := verify(files{folder, "", seen}, vkey)
	if err != nil {
		log.Fatal("not accepted: ", err)
	}
	for path := range seen {
		if _, err := verify(files{folder, path, map[string]bool{}}, vkey); err == nil {
			log.Fatal("a twin with another bit was accepted: ", path)
		}
		if twins++; twins == twinsMax {
			break
		}
	}
	fmt.Printf("independent verification: %d entries accepted, %d of %d tampered twins rejected\n", entries, twins, twins)
}
