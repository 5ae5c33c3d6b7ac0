import { all } from "./choice.ts";
import { lives } from "./lives.ts";
import { crashMatrix } from "./matrix.ts";

// `make test-crash`: every life, dead after every write.
crashMatrix(lives, all);
