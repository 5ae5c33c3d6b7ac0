// What containers of the node tests run: `pause` holds a pod's namespaces, `serve` is a tenant's service that tells what it was given.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: program pause|serve [--port N]")
		os.Exit(2)
	}
	switch os.Args[1] {
	case "pause":
		awaitEnd()
	case "serve":
		serve(os.Args[2:])
	default:
		fmt.Fprintln(os.Stderr, "unknown command", os.Args[1])
		os.Exit(2)
	}
}

func awaitEnd() {
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM, syscall.SIGINT)
	<-ended
}

// answer is what the service says of itself.
type answer struct {
	Host    string   `json:"host"`
	User    int      `json:"user"`
	Model   string   `json:"model"`
	Visible string   `json:"visible"`
	Devices []string `json:"devices"`
}

func serve(args []string) {
	flags := flag.NewFlagSet("serve", flag.ExitOnError)
	port := flags.Int("port", 8080, "where to listen")
	_ = flags.Parse(args)
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		host, _ := os.Hostname()
		devices, _ := filepath.Glob("/dev/nvidia*")
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(answer{host, os.Getuid(), os.Getenv("MODEL"), os.Getenv("NVIDIA_VISIBLE_DEVICES"), devices})
		fmt.Println("answered", r.URL.Path)
	})
	go func() {
		fmt.Println("serving on port", *port)
		fmt.Fprintln(os.Stderr, http.ListenAndServe(fmt.Sprintf(":%d", *port), nil))
		os.Exit(1)
	}()
	awaitEnd()
}
