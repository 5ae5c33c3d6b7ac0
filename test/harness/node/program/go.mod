module berthage.dev/test/program

go 1.26.0
