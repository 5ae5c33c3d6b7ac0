import { spread } from "../crash/choice.ts";
import { lives } from "../crash/lives.ts";
import { crashMatrix } from "../crash/matrix.ts";

// A sample of `make test-crash`: the life that every lease has, dead in a few places.
crashMatrix(lives.slice(0, 1), spread(3));
