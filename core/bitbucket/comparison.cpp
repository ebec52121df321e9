#include "core/bitbucket/comparison.hpp"

#include <algorithm>

namespace linkspan
{

namespace
{

constexpr std::size_t key_bytes_usual = 127;

}  // namespace

std::string key_of(
    event_kind kind,
    reading const& said,
    std::optional<repository> const& place,
    std::string_view instance,
    std::string_view stamp
)
{
    std::string out;
    out.reserve(key_bytes_usual);
    out.append(instance).append(":").append(name_of(kind)).append(":");
    if (place)
        out.append(place->id);
    else
        out.append("-");
    if (said.pull_request)
        out.append(":").append(std::to_string(said.pull_request->id));
    if (!stamp.empty())
        out.append(":").append(stamp);
    return out;
}

event& comparison::emit(
    event_kind kind,
    std::string const& stamp,
    std::optional<time_point> at,
    event_detail detail,
    std::optional<repository> const* in
)
{
    auto const& place = in == nullptr ? said_.repository : *in;
    event& out = out_.events.emplace_back();
    out.kind = kind;
    out.origin = context_.origin;
    out.edition = context_.edition;
    out.instance = context_.instance;
    out.received_at = context_.received_at;
    out.occurred_at = moment(at);
    out.actor = said_.actor || told_ == nullptr ? said_.actor : told_->doer;
    out.repository = place;
    if (auto const* shown = shown_pull_request())
        out.pull_request = *shown;
    out.raw = context_.raw;
    out.detail = std::move(detail);
    out.key = key_of(kind, said_, place, context_.instance, stamp);
    return out;
}

// As it is known, where the reading has its number alone.
pull_request const* comparison::shown_pull_request() const
{
    if (!said_.pull_request)
        return nullptr;
    return shows_fields() || !known_.snapshot ? &*said_.pull_request : &known_.snapshot->state;
}

event& comparison::emit_transition(
    event_kind kind, std::string const& field, std::optional<time_point> at, event_detail detail
)
{
    auto const revision = ++next_.revisions[field];
    auto& told = emit(kind, field + ":" + std::to_string(revision), at, std::move(detail));
    if (!is_doer_of(field))
        told.actor.reset();
    return told;
}

// Whoever comments on a pull request did not do what the body shows besides: that is not known.
bool comparison::is_doer_of(std::string const& field) const
{
    if (field.starts_with("review:"))
        return true;
    bool const is_update = find_claim(claim_identity::update) != nullptr;
    if (field == "state")
        return is_update || find_claim(claim_identity::state) != nullptr;
    if (field == "source")
        return is_update || find_claim(claim_identity::source) != nullptr;
    return is_update || said_.reviewers || said_.before;
}

// The fields of a pull request are ordered by version; Data Center repeats one while only reviews and
// comments move.
bool comparison::is_newer() const
{
    if (!known_.snapshot)
        return true;
    auto const& known = *known_.snapshot;
    if (known.order && said_.order && *said_.order != *known.order)
        return *said_.order > *known.order;
    auto const at = fields_moment();
    return !known.fields_at || !at || to_milliseconds(*at) >= *known.fields_at;
}

// Of which moment the fields of the reading are. An answer may lack what happened shortly before it; Cloud's
// webhooks tell the moment of the last update, so that a later one would hide what they say besides.
std::optional<time_point> comparison::fields_moment() const
{
    if (!said_.look)
        return said_.occurred_at;
    if (context_.edition == edition::cloud && said_.pull_request->updated_at)
        return said_.pull_request->updated_at;
    return said_.look->asked_at - list_lag;
}

claim const* comparison::find_claim(claim_identity identity) const
{
    auto const found = std::ranges::find(said_.claims, identity, &claim::identity);
    return found == said_.claims.end() ? nullptr : &*found;
}

digested comparison::run()
{
    if (known_.snapshot)
        next_ = *known_.snapshot;
    out_.events.reserve(said_.claims.size());
    if (shows_fields())
        compare_pull_request();
    for (auto const& one : said_.claims)
        tell_claim(one);
    if (said_.comment)
    {
        compare_comment();
        out_.comment = std::move(next_comment_);
    }
    if (said_.look)
        compare_look();
    if (shows_fields())
        absorb();
    if (shows_fields() || (said_.pull_request && known_.snapshot))
        out_.snapshot = std::move(next_);
    return std::move(out_);
}

// Every body carries the whole pull request, so whichever delivery shows a move first tells it.
void comparison::compare_pull_request()
{
    compare_fields();
    if (is_newer())
    {
        compare_source();
        compare_state();
    }
    else
    {
        tell_late_push();
        tell_late_closing();
    }
    compare_reviewers();
    compare_reviews();
}

namespace
{

bool is_shown(auto const& known, auto const& after)
{
    return known == after;
}

// Where the target's branch stands moves by itself.
bool is_shown(std::optional<branch_tip> const& known, std::optional<branch_tip> const& after)
{
    return known && after ? known->branch == after->branch : known == after;
}

}  // namespace

// What the fields were: as they are known, else as the delivery says. Its word counts, too, where another
// delivery showed the move at first sight: that was told by none.
pull_request comparison::fields_before() const
{
    static pull_request const nothing;
    auto const& known = known_.snapshot ? known_.snapshot->state : nothing;
    auto const& after = *said_.pull_request;
    pull_request out = is_newer() ? known : after;
    if (!said_.before)
        return out;
    auto const take = [&](auto member, char const* field)
    {
        auto const& word = (*said_.before).*member;
        bool const is_untold = is_shown(known.*member, after.*member) && !next_.revisions.contains(field);
        if (word && (!(out.*member) || is_untold))
            out.*member = word;
    };
    take(&pull_request::title, "title");
    take(&pull_request::description, "description");
    take(&pull_request::target, "target");
    take(&pull_request::draft, "draft");
    return out;
}

void comparison::compare_fields()
{
    if (!said_.before && (!known_.snapshot || !is_newer()))
        return;
    auto const before = fields_before();
    auto const& after = *said_.pull_request;
    auto const at = after.updated_at;
    auto const change = [](std::optional<std::string> from, std::optional<std::string> to)
    {
        text_change detail;
        detail.before = std::move(from);
        detail.after = std::move(to);
        return detail;
    };
    if (before.title && after.title && *before.title != *after.title)
        emit_transition(
            event_kind::pull_request_title_changed, "title", at, change(before.title, after.title)
        );
    if (before.description && after.description && *before.description != *after.description)
        emit_transition(
            event_kind::pull_request_description_changed,
            "description",
            at,
            change(before.description, after.description)
        );
    if (before.target && after.target && before.target->branch != after.target->branch)
        emit_transition(
            event_kind::pull_request_retargeted,
            "target",
            at,
            change(before.target->branch, after.target->branch)
        );
    if (before.draft && after.draft && *before.draft != *after.draft)
        emit_transition(
            *after.draft ? event_kind::pull_request_marked_draft : event_kind::pull_request_marked_ready,
            "draft",
            at,
            std::monostate()
        );
}

void comparison::compare_source()
{
    auto const* told = find_claim(claim_identity::source);
    auto const& after = said_.pull_request->source;
    if (!after || after->commit.empty() || (!known_.snapshot && told == nullptr))
        return;
    std::optional<std::string> before;
    if (known_.snapshot && known_.snapshot->state.source && !known_.snapshot->state.source->commit.empty())
        before = known_.snapshot->state.source->commit;
    if (before && (*before == after->commit || same_commit(*before, after->commit)))
        return tell_late_push();
    commits_push detail;
    if (told != nullptr)
        detail = std::get<commits_push>(told->detail);
    else if (!before)
        return;
    if (!detail.before)
        detail.before = before;
    detail.after = after->commit;
    tell_push(std::move(detail));
}

void comparison::tell_push(commits_push detail)
{
    // The recorded opening of a fork's pull request repeats one hash.
    if (detail.before && same_commit(*detail.before, *detail.after))
        return;
    auto& pushed = emit_transition(
        event_kind::pull_request_commits_pushed, "source", said_.pull_request->updated_at, std::move(detail)
    );
    auto const& tip = *said_.pull_request->source;
    if (!tip.repository.empty())
        pushed.cause = cause_of_push(context_.instance, tip.repository, tip.branch, tip.commit);
}

std::optional<event_kind> kind_of_state(pull_request_state state)
{
    switch (state)
    {
        case pull_request_state::open:
            return event_kind::pull_request_reopened;
        case pull_request_state::merged:
            return event_kind::pull_request_merged;
        case pull_request_state::declined:
            return event_kind::pull_request_declined;
        case pull_request_state::superseded:
            return std::nullopt;
    }
    return std::nullopt;
}

void comparison::compare_state()
{
    auto const* told = find_claim(claim_identity::state);
    std::optional<pull_request_state> after = said_.pull_request->state;
    if (told != nullptr)
        after = told->kind == event_kind::pull_request_merged ? pull_request_state::merged
                                                              : pull_request_state::declined;
    if (!after || (!known_.snapshot && told == nullptr))
        return;
    if (known_.snapshot && known_.snapshot->state.state == after)
        return tell_late_closing();
    next_.state.state = after;
    auto const kind = kind_of_state(*after);
    if (kind && told != nullptr)
        emit_transition(*kind, "state", told->at, told->detail);
    else if (kind)
        tell_state(*kind);
}

// That it has come to a state of which no delivery told by itself.
void comparison::tell_state(event_kind kind)
{
    auto at = said_.pull_request->updated_at;
    // A reopened pull request carries no detail of its own.
    event_detail detail;
    if (kind != event_kind::pull_request_reopened)
        detail = said_.look ? said_.look->closed : closing();
    if (said_.look && said_.look->moved_at)
        at = said_.look->moved_at;
    auto& told = emit_transition(kind, "state", at, std::move(detail));
    if (said_.look)
        told.actor = said_.look->moved_by;
}

// What another delivery showed at first sight was told by none: it is told by its own, whenever that comes.
void comparison::tell_late_push()
{
    auto const* told = find_claim(claim_identity::source);
    auto const& shown = said_.pull_request->source;
    auto const& known = known_.snapshot->state.source;
    if (told == nullptr || next_.revisions.contains("source") || !shown || !known ||
        !same_commit(known->commit, shown->commit))
        return;
    auto detail = std::get<commits_push>(told->detail);
    detail.after = shown->commit;
    if (detail.before)
        tell_push(std::move(detail));
}

void comparison::tell_late_closing()
{
    auto const* told = find_claim(claim_identity::state);
    if (told == nullptr || next_.revisions.contains("state"))
        return;
    auto const claimed = told->kind == event_kind::pull_request_merged ? pull_request_state::merged
                                                                       : pull_request_state::declined;
    if (known_.snapshot->state.state == claimed)
        emit_transition(told->kind, "state", told->at, told->detail);
}

// Moves the snapshot to what the reading shows. Members that it leaves out stay as they were.
void comparison::absorb()
{
    auto const& said = *said_.pull_request;
    auto& state = next_.state;
    state.id = said.id;
    if (is_newer())
    {
        auto const take = [](auto& into, auto const& from)
        {
            if (from)
                into = from;
        };
        auto const take_tip = [](std::optional<branch_tip>& into, std::optional<branch_tip> const& from)
        {
            if (!from)
                return;
            auto const commit = into && into->branch == from->branch ? into->commit : std::string();
            into = from;
            if (into->commit.empty())
                into->commit = commit;
        };
        take(state.title, said.title);
        take(state.description, said.description);
        take(state.draft, said.draft);
        take_tip(state.source, said.source);
        take_tip(state.target, said.target);
        take(state.author, said.author);
        take(state.comments, said.comments);
        take(state.tasks, said.tasks);
        take(state.created_at, said.created_at);
        take(state.updated_at, said.updated_at);
        take(state.url, said.url);
        if (find_claim(claim_identity::state) == nullptr)
            take(state.state, said.state);
        take(next_.order, said_.order);
        if (auto const at = fields_moment())
            next_.fields_at = to_milliseconds(*at);
    }
    absorb_participants();
}

}  // namespace linkspan
