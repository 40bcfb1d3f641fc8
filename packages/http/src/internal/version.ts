/** The version of this package, for the user agent; a test holds it to package.json. */
export const version = "0.1.0"
