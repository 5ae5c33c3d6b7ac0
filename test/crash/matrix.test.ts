import { lives } from "./lives.ts";
import { all, crashMatrix } from "./matrix.ts";

// `make test-crash`: every life, dead after every write.
crashMatrix(lives, all);
