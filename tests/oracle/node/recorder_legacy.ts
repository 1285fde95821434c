// Before 2.0: other checkouts, ids in the page's own nodes, constructed sheets not recorded.
export { record } from "rrweb-legacy";
