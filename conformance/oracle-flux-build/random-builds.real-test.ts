// Random repositories built by Flux and by us.

import { randomBuildsTest } from "./random-builds-test.ts";

randomBuildsTest(150, 20_261_121);
