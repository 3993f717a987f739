// Measures how loud its inputs are, on the audio thread: one message for every 512 samples.
// A message is [rms of the first input, rms of the second input or 0, end of the block in seconds].

const BLOCK = 512;

class LevelMeter extends AudioWorkletProcessor {
  constructor() {
    super();
    this.sums = [0, 0];
    this.samples = 0;
    this.running = true;
    this.port.onmessage = () => {
      this.running = false;
    };
  }

  process(inputs) {
    let quantum = 128;
    for (let index = 0; index < inputs.length && index < 2; index += 1) {
      // An input with nothing connected, or nothing playing, has no channels: that is silence.
      const channel = inputs[index][0];
      if (!channel) continue;
      quantum = channel.length;
      let sum = 0;
      for (let at = 0; at < channel.length; at += 1) sum += channel[at] * channel[at];
      this.sums[index] += sum;
    }
    this.samples += quantum;
    if (this.samples >= BLOCK) {
      const rms = this.sums.map((sum) => Math.sqrt(sum / this.samples));
      this.port.postMessage([rms[0], rms[1], currentTime + quantum / sampleRate]);
      this.sums = [0, 0];
      this.samples = 0;
    }
    return this.running;
  }
}

registerProcessor("level-meter", LevelMeter);
