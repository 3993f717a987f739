// Watches a page's WebRTC and audio from outside, so that tests need nothing from the page itself.
// Injected before any of the page's own scripts.
(() => {
  const probe = {
    peers: [], channels: [], tracks: [], contexts: [], opened: [], clicked: [], received: [], sent: [], errors: [],
    meters: { mic: [], track: [], output: [] },
  };
  Object.defineProperty(window, '__probe', { value: probe });
  window.addEventListener('error', (event) => probe.errors.push(String(event.message)));
  window.addEventListener('unhandledrejection', (event) => probe.errors.push(String(event.reason)));
  document.addEventListener('securitypolicyviolation', (event) =>
    probe.errors.push(`policy: ${event.violatedDirective} ${event.blockedURI}`));
  document.addEventListener('click', () => probe.clicked.push(performance.now()), true);

  const Peer = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Peer {
    constructor(...args) { super(...args); probe.peers.push(this); }
    createDataChannel(...args) {
      const channel = super.createDataChannel(...args);
      probe.channels.push(channel);
      channel.addEventListener('open', () => probe.opened.push(performance.now()));
      const send = channel.send.bind(channel);
      channel.send = (text) => {
        probe.sent.push({ at: performance.now(), type: JSON.parse(text).type, item: JSON.parse(text).item?.role });
        if (probe.sent.length > 5000) probe.sent.shift();
        send(text);
      };
      channel.addEventListener('message', (event) => {
        probe.received.push({ at: Date.now(), text: event.data });
        if (probe.received.length > 5000) probe.received.shift();
      });
      return channel;
    }
  };

  const microphones = new Set();
  const devices = navigator.mediaDevices;
  if (devices) {
    const getUserMedia = devices.getUserMedia.bind(devices);
    devices.getUserMedia = async (constraints) => {
      const stream = await getUserMedia(constraints);
      for (const track of stream.getTracks()) { probe.tracks.push(track); microphones.add(track.id); }
      return stream;
    };
  }

  const Context = window.AudioContext;
  window.AudioContext = class extends Context {
    constructor(...args) { super(...args); probe.contexts.push(this); }
    createMediaStreamSource(stream) {
      const node = super.createMediaStreamSource(stream);
      const mine = stream.getAudioTracks().some((track) => microphones.has(track.id));
      if (probe.metering) meter(this, node, mine ? 'mic' : 'track');
      return node;
    }
  };
  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (target, ...rest) {
    if (probe.metering && target instanceof AudioDestinationNode && !this.__quiet) meter(this.context, this, 'output');
    return connect.call(this, target, ...rest);
  };

  probe.metering = Boolean(window.__probe_metering);
  const code = `registerProcessor('probe-meter', class extends AudioWorkletProcessor {
    constructor() { super(); this.batch = []; }
    process([input]) {
      const samples = input[0];
      let sum = 0;
      if (samples) for (const sample of samples) sum += sample * sample;
      this.batch.push(Date.now(), samples ? Math.sqrt(sum / samples.length) : 0);
      if (this.batch.length >= 32) { this.port.postMessage(this.batch); this.batch = []; }
      return true;
    }
  });`;
  async function meter(context, node, name) {
    try {
      context.__probe_module ??= context.audioWorklet.addModule('data:text/javascript,' + encodeURIComponent(code));
      await context.__probe_module;
      const worklet = new AudioWorkletNode(context, 'probe-meter', { channelCount: 1, channelCountMode: 'explicit' });
      worklet.port.onmessage = ({ data }) => { probe.meters[name].push(...data); };
      connect.call(node, worklet);
      const silent = context.createGain();
      silent.gain.value = 0;
      silent.__quiet = true;
      connect.call(worklet, silent);
      connect.call(silent, context.destination);
    } catch (error) { probe.errors.push(`meter: ${error}`); }
  }

  // Energy and packets received on the audio track of the newest call, by WebRTC statistics. The energy is counted
  // after an element's volume, so it is zero where a page plays through Web Audio and mutes its element.
  probe.inbound = async () => {
    const peer = probe.peers.at(-1);
    if (!peer) return null;
    for (const report of (await peer.getStats()).values()) {
      if (report.type === 'inbound-rtp' && report.kind === 'audio') {
        return {
          packets: report.packetsReceived ?? 0,
          energy: report.totalAudioEnergy ?? 0,
          seconds: report.totalSamplesDuration ?? 0,
          level: report.audioLevel ?? 0,
        };
      }
    }
    return { packets: 0, energy: 0, seconds: 0, level: 0 };
  };
  // Energy by the meters: squared levels, each for the 128 samples it stands for.
  probe.sound = () => {
    const energy = (meter) => {
      let sum = 0;
      for (let i = 1; i < meter.length; i += 2) sum += meter[i] ** 2 * (128 / 48000);
      return sum;
    };
    return { track: energy(probe.meters.track), output: energy(probe.meters.output) };
  };
  // What is still held: nothing may be after the talk has ended.
  probe.held = () => ({
    tracks: probe.tracks.filter((track) => track.readyState !== 'ended').length,
    peers: probe.peers.filter((peer) => peer.connectionState !== 'closed').length,
    channels: probe.channels.filter((channel) => channel.readyState === 'open').length,
    contexts: probe.contexts.filter((context) => context.state !== 'closed').length,
  });
})();
