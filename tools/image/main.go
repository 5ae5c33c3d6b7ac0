// The crane CLI, and one command more: `assemble` makes an OCI layout of finished layers and a configuration, which crane's
// own `append` and `mutate` could do only by way of a registry.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/google/go-containerregistry/cmd/crane/cmd"
	"github.com/google/go-containerregistry/pkg/crane"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/spf13/cobra"
)

func main() {
	root := cmd.Root
	root.AddCommand(assemble())
	if err := root.Execute(); err != nil {
		os.Exit(1)
	}
}

func assemble() *cobra.Command {
	var configFile, folder string
	var annotations map[string]string
	command := &cobra.Command{
		Use:   "assemble LAYER.tar.gz...",
		Short: "Write an OCI layout of layers (lowest first) and a configuration; print the image's digest",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, layers []string) error {
			config, err := readConfig(configFile)
			if err != nil {
				return err
			}
			image, err := imageOf(config, layers)
			if err != nil {
				return err
			}
			path, err := layout.Write(folder, empty.Index)
			if err != nil {
				return err
			}
			if err := path.AppendImage(image, layout.WithAnnotations(annotations)); err != nil {
				return err
			}
			digest, err := image.Digest()
			if err != nil {
				return err
			}
			fmt.Println(digest)
			return nil
		},
	}
	command.Flags().StringVar(&configFile, "config", "", "OCI image configuration without rootfs")
	command.Flags().StringVar(&folder, "layout", "", "folder to write")
	command.Flags().StringToStringVar(&annotations, "annotation", nil, "annotation of the image in the index")
	return command
}

func readConfig(file string) (*v1.ConfigFile, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	config := &v1.ConfigFile{}
	return config, json.Unmarshal(content, config)
}

func imageOf(config *v1.ConfigFile, layers []string) (v1.Image, error) {
	base := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	layered, err := crane.Append(base, layers...)
	if err != nil {
		return nil, err
	}
	filled, err := layered.ConfigFile()
	if err != nil {
		return nil, err
	}
	config.RootFS = filled.RootFS
	return mutate.ConfigFile(layered, config)
}
