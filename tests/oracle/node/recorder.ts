export { record } from "rrweb";
