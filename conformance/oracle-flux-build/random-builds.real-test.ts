// Random repositories built by Flux and by us.

import { randomBuildsTest } from "./random-builds-test.ts";

randomBuildsTest(300, 20_261_121);
