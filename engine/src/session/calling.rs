//! A response that is the call of a function.

use super::ending::Ending;
use super::response::{Active, Stage, is_aside};
use super::{Session, Time};
use crate::mind::Call;
use protocol::{
    CallId, ConversationItemAdded, ConversationItemDone, FunctionCall, ITEM_OBJECT, Item, ItemStatus,
    ResponseFunctionCallArgumentsDelta, ResponseFunctionCallArgumentsDone, ResponseOutputItemAdded,
    ResponseOutputItemDone,
};
use std::time::Duration;

impl Session {
    /// Has a function called: from the call's first event to the response's last.
    pub(super) fn call(&mut self, now: Time, mut active: Active, Call { name, arguments }: Call) {
        let call_id = CallId::new(self.ids.next("call"));
        let arguments = arguments.to_string();
        let item = |status, arguments: &str| FunctionCall {
            id: Some(active.item.clone()),
            object: Some(ITEM_OBJECT.into()),
            status: Some(status),
            call_id: Some(call_id.clone()),
            name: name.clone(),
            arguments: arguments.to_owned(),
        };
        let (response_id, item_id) = (active.id.clone(), active.item.clone());
        let begun = Item::FunctionCall(item(ItemStatus::InProgress, ""));
        let call = item(ItemStatus::Completed, &arguments);
        let done = Item::FunctionCall(call.clone());
        self.send(ResponseOutputItemAdded { response_id: response_id.clone(), output_index: 0, item: begun.clone() });
        let previous_item_id = (!is_aside(&active)).then(|| self.talk.append(begun.clone()));
        if let Some(previous_item_id) = previous_item_id.clone() {
            self.send(ConversationItemAdded { item: begun, previous_item_id });
        }
        self.send(ResponseFunctionCallArgumentsDelta {
            response_id: response_id.clone(),
            item_id: item_id.clone(),
            output_index: 0,
            call_id: call_id.clone(),
            delta: arguments.clone(),
        });
        self.send(ResponseFunctionCallArgumentsDone {
            response_id: response_id.clone(),
            item_id,
            output_index: 0,
            call_id,
            arguments,
            name: Some(name),
        });
        self.send(ResponseOutputItemDone { response_id, output_index: 0, item: done.clone() });
        if let Some(previous_item_id) = previous_item_id {
            self.talk.replace(done.clone(), Duration::ZERO);
            self.send(ConversationItemDone { item: done, previous_item_id });
        }
        active.stage = Stage::Calling(call);
        self.end_response(&active, &Ending::Completed);
        self.answer_pending(now);
    }
}
