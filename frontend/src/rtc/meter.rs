//! How loud a stream is, block by block.
//!
//! An `AudioWorklet` measures on the audio thread, so that nothing on the page can delay or thin out its blocks. Where
//! a browser has none, an analyser is asked on a timer.

use crate::dom::{JsError, Listener, Timer};
use conversation::Ms;
use js_sys::Reflect;
use wasm_bindgen::JsValue;
use web_sys::{AnalyserNode, AudioContext, AudioNode, AudioWorkletNode, AudioWorkletNodeOptions, MessageEvent};

/// The name under which `level-meter.js` registers itself.
const PROCESSOR: &str = "level-meter";

/// Samples that an analyser looks at: about 10 ms.
const ANALYSER_SAMPLES: u32 = 512;

/// How often an analyser is asked.
const ANALYSER_PERIOD: Ms = Ms(16);

/// One measured block of about 10 ms.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Block {
    /// Root mean square of the first input, 0 to 1.
    pub level: f32,
    /// Root mean square of the second input, 0 to 1; zero where there is none.
    pub second: f32,
    /// When the block ended, on the audio clock, in milliseconds.
    pub audio_ms: f64,
}

/// How a meter measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeterWay {
    /// On the audio thread; `level-meter.js` must have been loaded.
    Worklet,
    /// On a timer.
    Analyser,
}

/// Measures until it is dropped.
#[must_use = "dropping a meter ends it"]
#[derive(Debug)]
pub struct Meter {
    _way: Way,
}

#[derive(Debug)]
enum Way {
    /// The listener goes first, then the node.
    Worklet {
        _listener: Option<Listener>,
        _node: WorkletNode,
    },
    Analyser {
        _timer: Timer,
        _nodes: Vec<AnalyserNode>,
    },
}

#[derive(Debug)]
struct WorkletNode(AudioWorkletNode);

impl Drop for WorkletNode {
    fn drop(&mut self) {
        // The processor lives until it is told, as it must survive silence.
        if let Ok(port) = self.0.port() {
            drop(port.post_message(&JsValue::from_str("end")));
            port.close();
        }
        drop(self.0.disconnect());
    }
}

impl Meter {
    /// Measures one or two nodes.
    ///
    /// # Errors
    /// The browser's own.
    pub fn new(
        way: MeterWay,
        context: &AudioContext,
        inputs: &[&AudioNode],
        tell: Box<dyn Fn(Block)>,
    ) -> Result<Self, JsError> {
        match way {
            MeterWay::Worklet => Self::on_worklet(context, inputs, tell),
            MeterWay::Analyser => Self::on_analyser(context, inputs, tell),
        }
    }

    fn on_worklet(context: &AudioContext, inputs: &[&AudioNode], tell: Box<dyn Fn(Block)>) -> Result<Self, JsError> {
        let options = AudioWorkletNodeOptions::new();
        options.set_number_of_inputs(inputs.len() as u32);
        options.set_number_of_outputs(1);
        let node = WorkletNode(AudioWorkletNode::new_with_options(context, PROCESSOR, &options)?);
        for (index, input) in inputs.iter().enumerate() {
            input.connect_with_audio_node_and_output_and_input(&node.0, 0, index as u32)?;
        }
        // Its output is silence; being connected is what makes every browser run it.
        node.0.connect_with_audio_node(&context.destination())?;
        let port = node.0.port()?;
        let listener = Listener::new(&port, "message", move |event: MessageEvent| tell(read_block(&event.data())));
        port.start();
        Ok(Self { _way: Way::Worklet { _listener: Some(listener), _node: node } })
    }

    fn on_analyser(context: &AudioContext, inputs: &[&AudioNode], tell: Box<dyn Fn(Block)>) -> Result<Self, JsError> {
        let mut nodes = Vec::new();
        for input in inputs {
            let node = context.create_analyser()?;
            node.set_fft_size(ANALYSER_SAMPLES);
            input.connect_with_audio_node(&node)?;
            nodes.push(node);
        }
        let (asked, clock) = (nodes.clone(), context.clone());
        let timer = Timer::every(ANALYSER_PERIOD, move || {
            let mut levels = asked.iter().map(level_of);
            let (level, second) = (levels.next().unwrap_or_default(), levels.next().unwrap_or_default());
            tell(Block { level, second, audio_ms: clock.current_time() * 1000.0 });
        });
        Ok(Self { _way: Way::Analyser { _timer: timer, _nodes: nodes } })
    }
}

fn level_of(node: &AnalyserNode) -> f32 {
    let mut samples = [0.0_f32; ANALYSER_SAMPLES as usize];
    node.get_float_time_domain_data(&mut samples);
    let energy: f32 = samples.iter().map(|sample| sample * sample).sum();
    (energy / samples.len() as f32).sqrt()
}

/// The worklet posts three numbers: level, second level, seconds.
fn read_block(data: &JsValue) -> Block {
    let number = |index: u32| Reflect::get_u32(data, index).ok().and_then(|value| value.as_f64()).unwrap_or_default();
    Block { level: number(0) as f32, second: number(1) as f32, audio_ms: number(2) * 1000.0 }
}
