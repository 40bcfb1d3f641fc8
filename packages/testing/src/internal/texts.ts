/**
 * What faults say, the same at each door.
 */
import { SunshineError } from "@effect-sunco/core"

export const faultErrors = (status: number) => [
  new SunshineError.ErrorDetail({ code: "fault", title: `Status ${status}, by a fault of the local API` }),
]

export const html = "<!doctype html><title>A gateway</title><h1>This page is no answer of the API</h1>"
