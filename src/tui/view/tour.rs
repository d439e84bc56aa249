//! What stands around the console in a tour.

use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
    widgets::{Block, Clear},
};

use crate::tui::{
    theme::Role,
    tour::{Bar, Calls},
    view::look::{Look, inset, spread},
};

/// The line below the console: what is shown, and the keys that were just pressed.
pub fn bar(bar: &Bar, look: Look, frame: &mut Frame, area: Rect) {
    let role = Role::Selected;
    frame.render_widget(Block::new().style(look.theme.style(role)), area);
    let keys = bar.keys();
    let right = if keys.is_empty() { Vec::new() } else { vec![look.span(Role::Key, format!(" {keys} "))] };
    let left = vec![look.span(role, format!(" {}", bar.caption))];
    let mut line = spread(area.width, left, Vec::new());
    let taken: usize = right.iter().map(Span::width).sum();
    let width = area.width.saturating_sub(u16::try_from(taken).unwrap_or(area.width));
    line.style = look.theme.style(role);
    frame.render_widget(line, Rect { width, ..area });
    let keys = Rect { x: area.x + width, width: area.width - width, ..area };
    frame.render_widget(Clear, keys);
    frame.render_widget(Line::from(right), keys);
}

/// The integration's calls, where the console was.
pub fn calls(calls: &Calls, look: Look, frame: &mut Frame, area: Rect) {
    let area = inset(area, 1);
    let line = |y: u16| Rect { y: area.y + y, height: 1.min(area.height.saturating_sub(y)), ..area };
    let title =
        vec![look.span(Role::Title, calls.who.to_string()), look.span(Role::Dim, "   calls the shop's web API")];
    frame.render_widget(Line::from(title), line(0));
    let rows = (2..).step_by(3).zip(&calls.lines).take_while(|(y, _)| y + 1 < area.height);
    for (y, call) in rows {
        let left =
            vec![look.span(Role::Dim, format!("{}  ", call.at.strftime("%H:%M:%S"))), look.plain(call.request.clone())];
        let right = call.answer.as_ref().map_or_else(Vec::new, |answer| {
            let role = if answer.status < 400 { Role::Good } else { Role::Bad };
            vec![look.span(role, format!("{} {}", answer.status, answer.reason))]
        });
        frame.render_widget(spread(area.width, left, right), line(y));
        if let Some(answer) = &call.answer {
            let said = look.fit(Role::Dim, answer.said.as_str(), usize::from(area.width).saturating_sub(10));
            frame.render_widget(Line::from(vec![look.plain(" ".repeat(10)), said]), line(y + 1));
        }
    }
}

/// What whoever shows the tour has to know now, over the keys at the right end of the last line.
pub fn note(text: &str, look: Look, frame: &mut Frame, area: Rect) {
    let text = Line::from(look.span(Role::Key, format!(" {text} ")));
    let width = u16::try_from(text.width()).unwrap_or(area.width).min(area.width);
    let area = Rect { x: area.right() - width, width, ..area };
    frame.render_widget(Clear, area);
    frame.render_widget(text, area);
}

/// Said where the tour has no room.
pub fn too_small(size: (u16, u16), look: Look, frame: &mut Frame) {
    let area = frame.area();
    let text = format!("The tour needs {}x{}, this is {}x{}.", size.0, size.1, area.width, area.height);
    frame.render_widget(Line::from(look.fit(Role::Text, &text, usize::from(area.width))), area);
}
