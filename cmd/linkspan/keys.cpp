#include "cmd/linkspan/keys.hpp"

#include <iostream>

namespace linkspan
{
namespace
{

constexpr std::string_view of_credential = "systemd credential";

bool is_there(std::filesystem::path const& file)
{
    std::error_code ignored;
    return std::filesystem::exists(file, ignored);
}

result<secret> read_passphrase_file(std::filesystem::path const& file, key_guard guard)
{
    auto const text =
        read_private_file(file, "the passphrase in " + file.string(), passphrase_bytes_max + 2, guard);
    if (!text)
        return text;
    auto line = text->reveal();
    if (line.ends_with('\n'))
        line.remove_suffix(1);
    if (line.ends_with('\r'))
        line.remove_suffix(1);
    return secret(std::string(line));
}

// Two failures in one: what is sealed needs the key, and it is not there.
error missing_key(key_source const& source, std::optional<sealing_key> const& named)
{
    if (named && is_of_unit(*named) && !source.is_credential())
        return error(
            errc::not_found,
            "the master key is a systemd credential, which only the unit sees; give --key-file with a file "
            "that "
            "holds the same key"
        );
    return error(
        errc::not_found,
        "the master key " + source.file.string() +
            " is missing, and the database holds credentials that only it opens; restore it from your "
            "backup, or "
            "say with --key-file where it is"
    );
}

result<secret> ask(terminal& on, std::string const& flag, std::string const& question)
{
    if (!on.is_terminal || !on.ask_hidden)
        return error(
            errc::invalid, "there is no terminal to ask for the passphrase at; give it with " + flag
        );
    return on.ask_hidden(question);
}

}  // namespace

std::string key_source::origin() const
{
    return is_credential() ? std::string(of_credential) + " " + key_credential : key_file_origin(file);
}

bool is_of_unit(sealing_key const& named)
{
    return named.origin.starts_with(of_credential);
}

key_source find_key_source(profile_paths const& paths)
{
    key_source out;
    out.file = paths.master_key;
    if (paths.key_is_named || paths.credentials.empty() || !is_there(paths.credentials / key_credential))
        return out;
    out.file = paths.credentials / key_credential;
    out.guard = key_guard::systemd;
    return out;
}

result<std::string> key_place(transaction& tx, profile_paths const& paths)
{
    auto const named = find_sealing_key(tx);
    if (!named)
        return named.error();
    auto const source = find_key_source(paths);
    if (!is_there(source.file))
    {
        if (*named && is_of_unit(**named))
            return (*named)->origin + " (only the unit sees it)";
        auto const needed = has_sealed_fields(tx);
        if (!needed)
            return needed.error();
        return source.origin() + (*needed ? " (missing)" : " (not made yet)");
    }
    auto const text = read_private_file(source.file, "the master key", key_file_bytes_max, source.guard);
    if (!text)
        return source.origin() + " (cannot be used)";
    return source.origin() + (is_locked_key(*text) ? ", locked with a passphrase" : "");
}

key_reader::key_reader(profile_paths paths) : paths_(std::move(paths))
{
    paths_.keys.reset();  // or it would keep itself alive
}

std::shared_ptr<key_reader> key_reader_of(profile_paths const& paths)
{
    return paths.keys ? paths.keys : std::make_shared<key_reader>(paths);
}

result<secret> key_reader::passphrase()
{
    if (!paths_.passphrase_file.empty())
        return read_passphrase_file(paths_.passphrase_file, key_guard::mode);
    auto const credential = paths_.credentials / passphrase_credential;
    if (!paths_.credentials.empty() && is_there(credential))
        return read_passphrase_file(credential, key_guard::systemd);
    if (!typed_.empty())
        return typed_;
    if (!may_ask_)
        return error(
            errc::unauthorized,
            "the master key is locked with a passphrase since this program was started; start it again"
        );
    auto on = process_terminal(true);
    auto typed = ask(on, "--passphrase-file", "Passphrase of the master key (not shown): ");
    if (typed)
        typed_ = *typed;
    return typed;
}

void key_reader::stop_asking()
{
    std::scoped_lock const lock(mutex_);
    may_ask_ = false;
}

result<opened_keys> key_reader::open_text(secret const& text, std::string const& what)
{
    opened_keys out;
    if (!is_locked_key(text))
    {
        auto keys = parse_keys(text, what);
        if (!keys)
            return keys.error();
        out.keys = std::move(*keys);
        return out;
    }
    auto line = text.reveal();
    while (line.ends_with('\n') || line.ends_with('\r'))
        line.remove_suffix(1);
    if (opened_.lock && opened_.lock->fits(line, locked_key_head))
        out.lock = opened_.lock;
    else
    {
        auto const words = passphrase();
        if (!words)
            return words.error();
        if (!wrong_line_.empty() && wrong_line_.reveal() == line && wrong_words_.reveal() == words->reveal())
            return wrong_;
        auto lock = passphrase_lock::of(line, locked_key_head, *words, what);
        if (!lock)
        {
            bool const is_wrong = lock.error().code == errc::unauthorized;
            wrong_line_ = is_wrong ? secret(std::string(line)) : secret();
            wrong_words_ = is_wrong ? *words : secret();
            wrong_ = lock.error();
            return wrong_;
        }
        out.lock = std::move(*lock);
    }
    auto const plain = out.lock->unlock(line, locked_key_head, what);
    if (!plain)
        return plain.error();
    auto keys = parse_keys(*plain, what);
    if (!keys)
        return keys.error();
    out.keys = std::move(*keys);
    return out;
}

result<vault> key_reader::read_source(key_source const& source)
{
    std::scoped_lock const lock(mutex_);
    auto const what = "the master key " + source.file.string();
    auto text = read_private_file(source.file, what, key_file_bytes_max, source.guard);
    if (!text)
        return text.error();
    if (opened_.keys.empty() || text->reveal() != text_.reveal())
    {
        auto opened = open_text(*text, what);
        if (!opened)
            return opened.error();
        opened_ = std::move(*opened);
        text_ = std::move(*text);
    }
    return vault::of_keys(opened_.keys, source.origin() + (opened_.lock ? ", locked with a passphrase" : ""));
}

result<vault> key_reader::read(transaction& tx)
{
    auto const named = find_sealing_key(tx);
    if (!named)
        return named.error();
    auto const source = find_key_source(paths_);
    auto keys = read_source(source);
    if (!keys)
        return is_there(source.file) ? keys.error() : missing_key(source, *named);
    if (*named)
        (void)keys->seal_with((*named)->key_id);  // a rotation may have written the next key already
    return keys;
}

result<std::optional<vault>> key_reader::find(transaction& tx)
{
    auto keys = read(tx);
    if (keys)
        return std::optional<vault>(std::move(*keys));
    // A key whose passphrase is not found is there.
    if (keys.error().code != errc::not_found || is_there(find_key_source(paths_).file))
        return keys.error();
    auto const needed = has_sealed_fields(tx);
    if (!needed)
        return needed.error();
    if (*needed)
        return keys.error();
    return std::optional<vault>();
}

result<vault> key_reader::read_or_make(command_store& database)
{
    using found = std::optional<vault>;
    auto keys = database.read<found>(system_now(), [&](transaction& tx) { return find(tx); });
    if (!keys)
        return keys.error();
    if (*keys)
        return std::move(**keys);
    auto const named = database.read<std::optional<sealing_key>>(system_now(), find_sealing_key);
    if (!named)
        return named.error();
    // The unit's own key will seal; another one beside it would be foreign there.
    if (*named && is_of_unit(**named))
        return missing_key(find_key_source(paths_), *named);
    if (auto const folder = paths_.master_key.parent_path(); !folder.empty())
        if (auto const made = make_private_folder(folder); !made)
            return made.error();
    if (auto const made = vault::create(paths_.master_key); !made)
        return made.error();
    return read_source(find_key_source(paths_));
}

result<opened_keys> key_reader::read_file(command_store& database)
{
    auto const source = find_key_source(paths_);
    if (source.is_credential())
        return error(
            errc::invalid,
            "the master key is a systemd credential, which linkspan cannot write; give --key-file with a "
            "copy of "
            "it, and make the credential of that file when the rotation is done"
        );
    auto const keys = database.read<vault>(system_now(), [&](transaction& tx) { return read(tx); });
    if (!keys)
        return keys.error();
    std::scoped_lock const lock(mutex_);
    return opened_;
}

result<std::optional<vault>> keys_of_daemon(transaction& tx, key_reader& keys)
{
    auto found = keys.find(tx);
    if (found)
        return found;
    auto const needed = has_sealed_fields(tx);
    if (!needed)
        return needed.error();
    return error(
        errc::unauthorized,
        found.error().message +
            (*needed ? "; without it the credentials in the database cannot be opened" : "")
    );
}

result<> name_keys(command_store& database, key_reader& keys, time_point now)
{
    using found = std::optional<vault>;
    auto const held = database.read<found>(now, [&](transaction& tx) { return keys_of_daemon(tx, keys); });
    if (!held)
        return held.error();
    if (!*held)
        return {};
    auto const named = database.write<bool>(
        now,
        [&](transaction& tx) -> result<bool>
        {
            if (auto const done = name_sealing_key(tx, **held); !done)
                return done.error();
            return true;
        }
    );
    if (!named)
        return named.error();
    return {};
}

result<secret> read_new_passphrase(terminal& on, std::string const& file, std::string const& flag)
{
    auto first = file.empty() ? ask(on, flag, "New passphrase (not shown): ")
                              : read_passphrase_file(file, key_guard::mode);
    if (!first)
        return first;
    if (auto const fits = check_new_passphrase(*first); !fits)
        return fits.error();
    if (!file.empty())
        return first;
    auto const again = ask(on, flag, "Once more: ");
    if (!again)
        return again;
    if (again->reveal() != first->reveal())
        return error(errc::invalid, "the two passphrases are not the same; nothing was changed");
    return first;
}

result<secret> read_known_passphrase(
    terminal& on, std::string const& file, std::string const& flag, std::string const& question
)
{
    return file.empty() ? ask(on, flag, question) : read_passphrase_file(file, key_guard::mode);
}

}  // namespace linkspan
