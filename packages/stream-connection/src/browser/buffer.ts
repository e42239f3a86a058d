/** What stands for Node's global of this name where there is none. */
export { Buffer } from 'buffer/'
