/**
 * What faults say, the same at each door.
 */
export const html = "<!doctype html><title>A gateway</title><h1>This page is no answer of the API</h1>"
