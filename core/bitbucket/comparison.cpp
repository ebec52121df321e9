#include "core/bitbucket/comparison.hpp"

#include <algorithm>

namespace linkspan
{

namespace
{

constexpr std::size_t key_bytes_usual = 127;

// The webhooks of a repository and of its workspace tell one push with moments that may differ a little. Data
// Center's date is the push's own.
constexpr seconds same_move_cloud{30};
constexpr seconds same_move_data_center{0};

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
    out.pull_request = said_.pull_request;
    out.raw = context_.raw;
    out.detail = std::move(detail);
    out.key = key_of(kind, said_, place, context_.instance, stamp);
    return out;
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
    return !known.fields_at || !said_.occurred_at || to_milliseconds(*said_.occurred_at) >= *known.fields_at;
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
    if (said_.pull_request)
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
    if (said_.pull_request)
    {
        absorb();
        out_.snapshot = std::move(next_);
    }
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
    if (!kind)
        return;
    // A reopened pull request carries no detail of its own.
    event_detail detail;
    if (told != nullptr)
        detail = told->detail;
    else if (kind != event_kind::pull_request_reopened)
        detail = closing();
    emit_transition(
        *kind, "state", told != nullptr ? told->at : said_.pull_request->updated_at, std::move(detail)
    );
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
        if (said_.occurred_at)
            next_.fields_at = to_milliseconds(*said_.occurred_at);
    }
    absorb_participants();
}

void comparison::tell_claim(claim const& one)
{
    switch (one.identity)
    {
        case claim_identity::occurrence:
            if (std::holds_alternative<build>(one.detail))
                tell_build(one);
            else if (std::holds_alternative<ref_change>(one.detail))
                tell_ref_change(one);
            else
                emit(one.kind, one.stamp, one.at, one.detail, one.repository ? &one.repository : nullptr);
            break;
        case claim_identity::once:
            if (one.kind == event_kind::pull_request_deleted)
                next_.deleted = true;
            if (auto& told = emit(one.kind, "", one.at, one.detail);
                !told.actor && one.kind == event_kind::pull_request_opened)
                told.actor = said_.pull_request->author;
            break;
        case claim_identity::update:
            if (out_.events.empty() && (!known_.snapshot || shows_unknown()))
                emit(one.kind, said_.order ? std::to_string(*said_.order) : "first", one.at, one.detail);
            break;
        case claim_identity::state:
        case claim_identity::reviewer:
        case claim_identity::source:
            break;  // told by the comparison
    }
}

// A build is told where its pull requests are: of a fork's commit, in the repositories that ask for it. Each
// of those has an event of its own; the first keeps the key that the build has without a pull request. That
// key tells a repetition, whichever pull requests were opened or closed since.
void comparison::tell_build(claim const& one)
{
    auto const& heads = known_.heads;
    if (known_.is_build_told)
        return;
    if (heads.empty())
        return tell_build_of(one, {}, one.stamp);
    for (auto first = heads.begin(); first != heads.end();)
    {
        auto const& target = first->target_repository.id;
        auto const behind = std::find_if(
            first, heads.end(), [&](open_head const& head) { return head.target_repository.id != target; }
        );
        tell_build_of(
            one, std::span(first, behind), first == heads.begin() ? one.stamp : one.stamp + ":" + target
        );
        first = behind;
    }
}

void comparison::tell_build_of(claim const& one, std::span<open_head const> heads, std::string const& stamp)
{
    auto detail = std::get<build>(one.detail);
    detail.previous = known_.previous_build;
    for (auto const& head : heads)
        detail.pull_requests.push_back(head.id);
    if (heads.empty() && known_.was_head)
        detail.outdated = true;
    if (!detail.branch && !heads.empty() && heads.front().source)
        detail.branch = heads.front().source->branch;
    auto& told = emit(one.kind, stamp, one.at, std::move(detail));
    if (!heads.empty())
        told.repository = heads.front().target_repository;
    if (heads.size() == 1)
        told.pull_request = heads.front();
}

// Whether the reading is the first to show a member of a known pull request: it may be what was changed.
bool comparison::shows_unknown() const
{
    if (!is_newer())
        return false;
    auto const before = fields_before();
    auto const& known = known_.snapshot->state;
    auto const& after = *said_.pull_request;
    bool const shows_commit = after.source && !after.source->commit.empty();
    bool const knows_commit = known.source && !known.source->commit.empty();
    return (after.title && !before.title) || (after.description && !before.description) ||
           (after.target && !before.target) || (after.draft && !before.draft) ||
           (shows_commit && !knows_commit) || (after.participants && !known.participants);
}

// Old and new hash make the key, and a ref that came back may go the same way again: that is another move
// where the service tells another moment, and the ref has gone on from there since. The moment alone proves
// nothing: a delivery may be sent again by hand.
std::string comparison::stamp_of_move(claim const& one) const
{
    auto const key = key_of(one.kind, said_, said_.repository, context_.instance, one.stamp);
    auto const found = known_.moves.find(key);
    if (!said_.occurred_at || found == known_.moves.end() || found->second.made.empty())
        return one.stamp;
    auto const at = *said_.occurred_at;
    auto const same_within = context_.edition == edition::cloud ? same_move_cloud : same_move_data_center;
    auto const& made = found->second.made;
    for (auto const& told : made)
        if (std::chrono::abs(told.at - at) <= same_within)
            return one.stamp + told.key.substr(key.size());
    auto const& last = *std::ranges::max_element(made, {}, &told_moves::told::at);
    auto const& left_at = found->second.left_at;
    if (left_at && last.at <= *left_at && *left_at <= at)
        return one.stamp + move_again + std::to_string(to_milliseconds(at));
    return one.stamp + last.key.substr(key.size());
}

void comparison::tell_ref_change(claim const& one)
{
    auto& told = emit(one.kind, stamp_of_move(one), one.at, one.detail);
    auto const& change = std::get<ref_change>(one.detail);
    bool const branch = one.kind == event_kind::branch_created || one.kind == event_kind::branch_updated;
    if (branch && change.after && said_.repository)
        told.cause =
            cause_of_push(context_.instance, said_.repository->full_name, change.name, *change.after);
}

}  // namespace linkspan
