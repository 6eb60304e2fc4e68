/*
 * Search without a server. A page that was opened as a file may not start a worker; so there the worker's script
 * runs in a hidden frame and speaks to the page in the same way. Pages from a server keep the browser's own workers.
 */
(() => {
  if (location.protocol !== "file:") return

  class FrameWorker extends EventTarget {
    constructor(url) {
      super()
      this.onmessage = this.onmessageerror = this.onerror = null
      this.waiting = []
      this.frame = document.createElement("iframe")
      this.frame.hidden = true
      const start = () => {
        document.body.appendChild(this.frame)
        this.inside = this.frame.contentWindow
        const answer = (data) => this.tell(new MessageEvent("message", { data }))
        this.inside.document.open()
        this.inside.document.write("<!doctype html><title>search</title>")
        this.inside.document.close()
        // Both sides get copies, as they do from a worker: each may change what it was given.
        this.inside.postMessage = (data) => {
          const copy = structuredClone(data)
          setTimeout(() => answer(copy))
        }
        this.inside.addEventListener("error", (event) => this.tell(new ErrorEvent("error", { message: event.message })))
        const script = this.inside.document.createElement("script")
        script.onload = () => {
          this.ready = true
          for (const data of this.waiting.splice(0)) this.postMessage(data)
        }
        script.onerror = () => this.tell(new ErrorEvent("error", { message: `${url} could not be loaded` }))
        script.src = new URL(url, location.href).href
        this.inside.document.body.appendChild(script)
      }
      if (document.body) start()
      else document.addEventListener("DOMContentLoaded", start)
    }

    tell(event) {
      this.dispatchEvent(event)
      const listener = this[`on${event.type}`]
      if (listener) listener.call(this, event)
    }

    postMessage(data) {
      if (!this.ready) this.waiting.push(data)
      else {
        const copy = this.inside.structuredClone(data)
        setTimeout(() => this.inside?.dispatchEvent(new this.inside.MessageEvent("message", { data: copy })))
      }
    }

    terminate() {
      this.inside = null
      this.frame.remove()
    }
  }

  window.Worker = FrameWorker
})()
