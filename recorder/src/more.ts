/** The second file: what few pages need. `more_loader` has it loaded. */
export { captureConsole, captureNetwork } from "./captures";
export { checkPage } from "./check";
export { Sheets } from "./sheets";
