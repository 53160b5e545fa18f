// SpiderMonkey's shell hands its arguments to a script, but not to a module.   js102 spidermonkey.js MATCH [TICK IMAGE]
import("./host.js");
