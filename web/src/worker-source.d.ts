/** The source of the worker: written by the build. */
declare const source: string;
export default source;
