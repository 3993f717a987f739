// What the tests stand on: it remembers every device, context, peer and listener that the page asks for, and plays a
// server and a far end inside the page.

(() => {
  if (window.stand) return;
  const stand = {
    streams: [],
    contexts: [],
    peers: [],
    requests: [],
    sent: [],
    messages: [],
    listeners: 0,
    channel: null,
    server: "up",
  };
  window.stand = stand;

  const devices = navigator.mediaDevices;
  const getUserMedia = devices.getUserMedia.bind(devices);
  devices.getUserMedia = async (wanted) => {
    if (stand.microphone) throw new DOMException("as the test wants it", stand.microphone);
    const stream = await getUserMedia(wanted);
    stand.streams.push(stream);
    return stream;
  };

  const Context = window.AudioContext;
  window.AudioContext = class extends Context {
    constructor(...options) {
      super(...options);
      stand.contexts.push(this);
    }
  };

  const Peer = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Peer {
    constructor(...options) {
      super(...options);
      stand.peers.push(this);
    }
  };

  const add = EventTarget.prototype.addEventListener;
  const remove = EventTarget.prototype.removeEventListener;
  EventTarget.prototype.addEventListener = function (...rest) {
    stand.listeners += 1;
    return add.apply(this, rest);
  };
  EventTarget.prototype.removeEventListener = function (...rest) {
    stand.listeners -= 1;
    return remove.apply(this, rest);
  };

  const answer = async (offer) => {
    const far = new Peer();
    stand.far = far;
    const tone = new Context();
    const oscillator = tone.createOscillator();
    const out = tone.createMediaStreamDestination();
    oscillator.connect(out);
    oscillator.start();
    stand.endTone = () => tone.close();
    far.addTrack(out.stream.getTracks()[0]);
    far.ondatachannel = (event) => {
      const channel = event.channel;
      stand.channel = channel;
      const say = (message) => channel.send(JSON.stringify(message));
      stand.say = (text) => channel.send(text);
      const created = () => say({ type: "session.created", session: { id: "sess", object: "realtime.session" } });
      if (channel.readyState === "open") created();
      else channel.onopen = created;
      channel.onmessage = (message) => {
        const type = JSON.parse(message.data).type;
        stand.sent.push(type);
        stand.messages.push(message.data);
        if (type === "session.update") say({ type: "session.updated", session: { id: "sess" } });
      };
      channel.onclose = () => {
        stand.channelClosed = true;
      };
    };
    await far.setRemoteDescription({ type: "offer", sdp: offer });
    await far.setLocalDescription(await far.createAnswer());
    await new Promise((done) => {
      const look = () => far.iceGatheringState === "complete" && done();
      far.onicegatheringstatechange = look;
      look();
    });
    return far.localDescription.sdp;
  };

  window.fetch = async (request, options) => {
    const asked = new Request(request, options);
    const url = new URL(asked.url);
    stand.requests.push(url.pathname);
    if (stand.server === "silent") return new Promise(() => {});
    if (stand.server === "down") throw new TypeError("nobody is there");
    if (stand.server === "refusing") {
      return new Response('{"code":"upstream_key_refused","message":"the key is wrong"}', { status: 502 });
    }
    const special = stand.respond && (await stand.respond(asked, url));
    if (special) return special;
    if (url.pathname === "/session") return new Response('{"value":"ek_test","expires_at":4000000000}');
    if (url.pathname === "/v1/realtime/calls") {
      const offer = await asked.text();
      stand.bearer = asked.headers.get("Authorization");
      return new Response(await answer(offer), { status: 201, headers: { Location: "/v1/realtime/calls/rtc_test" } });
    }
    stand.keepalive = options?.keepalive;
    return new Response(null, { status: 204 });
  };

  stand.reset = () => {
    stand.far?.close();
    stand.endTone?.();
    Object.assign(stand, {
      streams: [],
      contexts: [],
      peers: [],
      requests: [],
      sent: [],
      messages: [],
      listeners: 0,
      channel: null,
      channelClosed: false,
      server: "up",
      microphone: null,
      respond: null,
      far: null,
      endTone: null,
      keepalive: null,
      packets: 0,
    });
  };
})();
