// Many more random repositories built by Flux and by us.

import { randomBuildsTest } from "./random-builds-test.ts";

randomBuildsTest(3000, 7);
