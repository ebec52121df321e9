#include "tests/support/disk_recording.hpp"

#include "tests/support/environment.hpp"

#include <algorithm>
#include <random>
#include <stdexcept>
#include <utility>

namespace linkspan::test
{
namespace
{

void put(std::string& image, std::size_t offset, std::string_view bytes)
{
    if (image.size() < offset + bytes.size())
        image.resize(offset + bytes.size(), '\0');
    std::copy(bytes.begin(), bytes.end(), image.begin() + static_cast<std::ptrdiff_t>(offset));
}

}  // namespace

// The disk at one moment: what is safe, and what has still to be synced.
class recorded_disk
{
public:
    using event = disk_recording::event;
    using kind = disk_recording::kind;

    recorded_disk(disk_recording const& recording, disk_recording::moment cut) : files_(recording.files_)
    {
        for (auto const& file : recording.imported_)
        {
            files_[file.file].image = file.content;
            names_[file.name] = file.file;
        }
        for (std::size_t i = 0; i < cut; ++i)
            apply(recording.events_[i]);
    }

    // Lets a part of what was not synced reach the disk all the same.
    cut_effect leak(std::uint64_t seed)
    {
        std::mt19937_64 random(seed);
        cut_effect effect;
        // A share of its own for every cut: nothing at all and everything are likely enough to be met.
        std::uint64_t const kept_percent = random() % 5 * 25;
        apply_names(random() % (unsynced_names_.size() + 1));
        for (auto& file : files_)
        {
            for (auto const* change : file.unsynced)
            {
                bool const tears = change->what == kind::write && random() % 4 == 0;
                if (tears && kept_percent != 0 && kept_percent != 100)
                {
                    tear(file.image, *change, random);
                    ++effect.torn;
                }
                else if (random() % 100 < kept_percent)
                {
                    apply_change(file.image, *change);
                    ++effect.kept;
                }
                else
                    ++effect.dropped;
            }
        }
        return effect;
    }

    cut_effect drop() const
    {
        cut_effect effect;
        for (auto const& file : files_)
            effect.dropped += file.unsynced.size();
        return effect;
    }

    void write_to(std::filesystem::path const& folder) const
    {
        for (auto const& [name, file] : names_)
            write_file(folder / std::filesystem::path(name).filename(), files_[file].image);
    }

private:
    struct file_state
    {
        std::string image;
        std::vector<event const*> unsynced;
    };

    void apply(event const& happened)
    {
        switch (happened.what)
        {
            case kind::create:
            case kind::remove:
                unsynced_names_.push_back(&happened);
                break;
            case kind::write:
            case kind::truncate:
                files_[happened.file].unsynced.push_back(&happened);
                break;
            case kind::sync:
            {
                auto& file = files_[happened.file];
                for (auto const* change : file.unsynced)
                    apply_change(file.image, *change);
                file.unsynced.clear();
                break;
            }
            case kind::acknowledge:
                break;
        }
        if (happened.sync_folder)
            apply_names(unsynced_names_.size());
    }

    static void apply_change(std::string& image, event const& change)
    {
        if (change.what == kind::write)
            put(image, static_cast<std::size_t>(change.number), change.text);
        else
            image.resize(static_cast<std::size_t>(change.number), '\0');
    }

    static void tear(std::string& image, event const& write, std::mt19937_64& random)
    {
        auto const sector = static_cast<std::size_t>(disk_recording::sector_bytes);
        auto const offset = static_cast<std::size_t>(write.number);
        std::string_view const bytes = write.text;
        for (std::size_t done = 0; done < bytes.size();)
        {
            std::size_t const piece = std::min(sector - (offset + done) % sector, bytes.size() - done);
            if (random() % 2 == 0)
                put(image, offset + done, bytes.substr(done, piece));
            done += piece;
        }
    }

    void apply_names(std::size_t count)
    {
        for (std::size_t i = 0; i < count; ++i)
        {
            auto const& change = *unsynced_names_[i];
            if (change.what == kind::create)
                names_[change.text] = change.file;
            else
                names_.erase(change.text);
        }
        unsynced_names_.erase(
            unsynced_names_.begin(), unsynced_names_.begin() + static_cast<std::ptrdiff_t>(count)
        );
    }

    std::vector<file_state> files_;
    std::map<std::string, disk_recording::file_id> names_;
    std::vector<event const*> unsynced_names_;
};

disk_recording::file_id disk_recording::import_file(std::string const& name, std::string content)
{
    recorded_bytes_ += content.size();
    imported_.push_back({name, files_, std::move(content)});
    names_[name] = files_;
    return files_++;
}

disk_recording::file_id disk_recording::create(std::string const& name)
{
    names_[name] = files_;
    record({kind::create, false, files_, 0, name});
    return files_++;
}

void disk_recording::remove(std::string const& name, bool sync_folder)
{
    record({kind::remove, sync_folder, names_.at(name), 0, name});
    names_.erase(name);
}

void disk_recording::write(file_id file, std::int64_t offset, std::string_view bytes)
{
    record({kind::write, false, file, offset, std::string(bytes)});
}

void disk_recording::truncate(file_id file, std::int64_t size)
{
    record({kind::truncate, false, file, size, {}});
}

void disk_recording::sync(file_id file, bool sync_folder)
{
    record({kind::sync, sync_folder, file, 0, {}});
}

void disk_recording::acknowledge(std::int64_t id)
{
    record({kind::acknowledge, false, 0, id, {}});
}

void disk_recording::record(event happened)
{
    recorded_bytes_ += happened.text.size();
    events_.push_back(std::move(happened));
}

std::vector<std::int64_t> disk_recording::acknowledged_before(moment cut) const
{
    std::vector<std::int64_t> ids;
    for (std::size_t i = 0; i < cut; ++i)
        if (events_[i].what == kind::acknowledge)
            ids.push_back(events_[i].number);
    return ids;
}

std::vector<disk_recording::moment> disk_recording::acknowledgements() const
{
    std::vector<moment> moments;
    for (std::size_t i = 0; i < events_.size(); ++i)
        if (events_[i].what == kind::acknowledge)
            moments.push_back(i + 1);
    return moments;
}

cut_effect disk_recording::materialise(
    moment cut, cut_mode mode, std::uint64_t seed, std::filesystem::path const& folder
) const
{
    if (cut > events_.size())
        throw std::runtime_error("a cut after the end of the recording");
    std::filesystem::create_directories(folder);
    if (!std::filesystem::is_empty(folder))
        throw std::runtime_error("a cut needs an empty folder, and this is none: " + folder.string());
    recorded_disk disk(*this, cut);
    cut_effect const effect = mode == cut_mode::harsh ? disk.leak(seed) : disk.drop();
    disk.write_to(folder);
    return effect;
}

}  // namespace linkspan::test
