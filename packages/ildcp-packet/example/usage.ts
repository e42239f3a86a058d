import { type Configuration, configRequest, configResponse, readConfiguration } from '@ilp/ildcp-packet'

/** A parent's answer, on its way to a child and back out of its bytes. */
export function askAndAnswer(configuration: Configuration): Configuration {
  const request = configRequest(new Date(Date.now() + 10_000))
  const response = configResponse(configuration)
  if (!response.fulfills(request)) throw new Error('the response does not fulfill the request')
  return readConfiguration(response)
}
